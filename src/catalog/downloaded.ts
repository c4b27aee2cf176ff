import { stat } from 'node:fs/promises'
import type { ProviderConfig } from '../config.ts'
import { messageOf } from '../errors.ts'
import { log } from '../log.ts'
import { listedAs } from './listed-as.ts'
import { devFacts, type DevProvider, type ModelsDev } from './models-dev.ts'
import { modelsDevFile, readModelsDev } from './models-dev-file.ts'
import type { Source } from './source.ts'

export interface DownloadedList extends Source {
  /** Reads the file when it is another than before; a damaged one is told once and changes nothing. */
  look(): Promise<void>
}

const stampOf = async (file: string): Promise<string> => {
  const found = await stat(file).catch(() => undefined)
  return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : ''
}

/** A list of ids by what they are in small letters. */
const byCase = ({ models }: DevProvider): ReadonlyMap<string, string> =>
  new Map([...models.keys()].map((id) => [id.toLowerCase(), id]))

/**
 * models.dev as it was downloaded into the directory.
 * @param learned called when the file says something else
 */
export const createDownloadedList = (directory: string, learned: () => void): DownloadedList => {
  const file = modelsDevFile(directory)
  let stamp = ''
  let list: ModelsDev = new Map()
  let byAddress: ReadonlyMap<string, DevProvider> = new Map()
  let inSmall = new WeakMap<DevProvider, ReadonlyMap<string, string>>()

  const use = (next: ModelsDev) => {
    list = next
    inSmall = new WeakMap()
    byAddress = new Map(
      [...next.values()].flatMap((provider) =>
        provider.api === undefined ? [] : [[provider.api, provider] as const],
      ),
    )
    learned()
  }

  const ownerOf = (provider: ProviderConfig): DevProvider | undefined => {
    const { dev } = listedAs(provider)
    if (dev !== undefined) return list.get(dev)
    if (provider.preset !== undefined || provider.local) return undefined
    return byAddress.get(provider.base_url)
  }

  const idIn = (owner: DevProvider, model: string): string => {
    if (owner.models.has(model)) return model
    const known = inSmall.get(owner) ?? byCase(owner)
    inSmall.set(owner, known)
    return known.get(model.toLowerCase()) ?? model
  }

  return {
    name: 'models.dev',
    async look() {
      const now = await stampOf(file)
      if (now === stamp) return
      stamp = now
      try {
        const downloaded = await readModelsDev(file)
        use(downloaded?.list ?? new Map())
        if (downloaded) log.info('the list of models.dev is used', { file, of: downloaded.at })
      } catch (error) {
        const reason = messageOf(error)
        log.warn('the list of models.dev is not used; sluice catalog update gets another', {
          file,
          reason,
        })
      }
    },
    facts(provider, model) {
      const owner = ownerOf(provider)
      const entry = owner?.models.get(idIn(owner, model))
      return entry && devFacts(provider, entry)
    },
    models(provider) {
      const owner = ownerOf(provider)
      if (!owner) return undefined
      const current = [...owner.models].filter(([, { status }]) => status !== 'deprecated')
      return current.map(([id]) => id)
    },
  }
}
