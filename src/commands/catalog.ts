import type { ModelsDev } from '../catalog/models-dev.ts'
import { updateModelsDev, UpdateError, usualUrl, type Update } from '../catalog/update.ts'
import { dataDirectory } from '../data-directory.ts'
import type { Env } from '../config.ts'
import { messageOf } from '../errors.ts'

export interface CatalogOptions {
  readonly action?: string | undefined
  readonly url?: string | undefined
  readonly env: Env
}

/** sysexits.h */
const exits = { url: 64, 'no list': 65, unreachable: 69 } as const
const cannotWrite = 73

/** Every model of every provider, with what it costs there. */
const pricesIn = (list: ModelsDev): Map<string, string> => {
  const entries = [...list].flatMap(([provider, { models }]) =>
    [...models].map(
      ([model, { cost }]) => [`${provider}/${model}`, JSON.stringify(cost ?? null)] as const,
    ),
  )
  return new Map(entries)
}

const number = new Intl.NumberFormat('en')

const changes = (before: ModelsDev, now: ModelsDev): string => {
  const [old, fresh] = [pricesIn(before), pricesIn(now)]
  const added = [...fresh.keys()].filter((id) => !old.has(id)).length
  const gone = [...old.keys()].filter((id) => !fresh.has(id)).length
  const repriced = [...fresh].filter(([id, cost]) => (old.get(id) ?? cost) !== cost).length
  return `${number.format(added)} new, ${number.format(gone)} gone, ${number.format(repriced)} with another price`
}

const report = ({ now, before, unchanged, file }: Update): string => {
  const models = number.format(pricesIn(now).size)
  const known = `${models} models of ${number.format(now.size)} providers`
  if (unchanged) return `Nothing has changed: ${known}.`
  return `${known}${before ? `: ${changes(before, now)}` : ''}.\nIn ${file}; a daemon that runs uses it within seconds.`
}

/** Gets the list of models.dev; the exit code is 0 when it is the newest now. */
export const catalog = async ({ action, url = usualUrl, env }: CatalogOptions): Promise<number> => {
  if (action !== 'update') {
    console.error('sluice: catalog update is all that can be done\nSee sluice --help.')
    return exits.url
  }
  try {
    console.log(report(await updateModelsDev(dataDirectory(env), url)))
    return 0
  } catch (error) {
    if (error instanceof UpdateError) {
      const kept = error.kind === 'url' ? '' : `\n${url} gave no list; what was there before stays.`
      console.error(`sluice: ${error.message}${kept}`)
      return exits[error.kind]
    }
    const reason = messageOf(error)
    console.error(`sluice: the list cannot be written: ${reason}`)
    return cannotWrite
  }
}
