import type { Preset } from '../providers/preset.ts'
import { Secret } from '../secret.ts'
import type { Complain } from './complain.ts'
import { keyMistake } from './key-form.ts'
import type { Auth, Env } from './model.ts'
import type { WrittenProvider } from './provider-schema.ts'

export interface Credentials {
  readonly auth: Auth
  readonly api_keys: readonly Secret[]
}

/** Keys, and whence they came, for complaints. */
interface Found {
  readonly auth: Auth
  readonly texts: readonly string[]
  readonly whence: string
}

const none: Credentials = { auth: 'none', api_keys: [] }

/**
 * The keys of the YAML, else those of the preset's variables; `undefined` after a complaint.
 * @param usual how keys are sent where neither says so
 * @param needed whether it is a mistake to have none
 */
export function toCredentials(
  written: WrittenProvider,
  preset: Preset | undefined,
  env: Env,
  complain: Complain,
  usual: Auth = 'bearer',
  needed = true,
): Credentials | undefined {
  const { api_key, api_keys } = written
  const own = api_keys ?? (api_key === undefined ? undefined : [api_key])
  if (api_key !== undefined && api_keys) {
    complain(['api_keys'], 'cannot stand beside api_key; give one of them')
    return undefined
  }
  const custom = preset ? (preset.auth ?? 'bearer') : 'none'
  const auth = written.auth ?? (custom === 'none' && own ? usual : custom)
  if (auth === 'none') {
    if (own) complain(['auth'], 'none sends no key, yet this provider has one')
    return own ? undefined : none
  }
  if (own) return ownKeys(own, auth, api_keys ? ['api_keys'] : ['api_key'], complain)
  const found = preset && fromEnv(preset, auth, written.auth, env)
  if (!found) {
    if (!needed) return none
    if (preset && preset.env.length > 0) complain([], `needs a key: ${waysToGive(preset)}`)
    else complain(['auth'], `${auth} needs an api_key`)
    return undefined
  }
  const mistake = found.texts.map((text) => keyMistake(found.auth, text)).find(Boolean)
  if (mistake !== undefined) complain([], `the key in ${found.whence} ${mistake}`)
  return mistake === undefined ? { auth: found.auth, api_keys: secrets(found.texts) } : undefined
}

/** A key made of several variables; `undefined` when one that it needs is not set. */
export function composeKey(key: string, env: Env): string | undefined {
  let missing = false
  const composed = key.replace(/\{(\w+)(\??)\}/g, (_, name: string, optional: string) => {
    const value = env[name]?.trim() ?? ''
    missing ||= value === '' && optional === ''
    return value
  })
  return missing ? undefined : composed
}

function ownKeys(
  own: readonly string[],
  auth: Auth,
  at: readonly [string],
  complain: Complain,
): Credentials | undefined {
  const mistakes = own.map((text) => keyMistake(auth, text))
  mistakes.forEach((mistake, index) => {
    if (mistake !== undefined) complain(at[0] === 'api_keys' ? [...at, index] : at, mistake)
  })
  return mistakes.some(Boolean) ? undefined : { auth, api_keys: secrets(own) }
}

function secrets(texts: readonly string[]): readonly Secret[] {
  return [...new Set(texts)].map((text) => new Secret(text))
}

/** The key of its own variables, unless the YAML asks for the other way; then that of the other way. */
function fromEnv(preset: Preset, auth: Auth, asked: Auth | undefined, env: Env): Found | undefined {
  const { otherwise, auth: own = 'bearer' } = preset
  const other = otherwise && (asked === undefined || asked === otherwise.auth)
  if (!other || otherwise.auth === own || asked === undefined) {
    const name = preset.env.find((variable) => env[variable]?.trim())
    const texts = (env[name ?? ''] ?? '').split(',').map((text) => text.trim())
    const keys = texts.filter((text) => text !== '')
    if (name !== undefined && keys.length > 0) return { auth, texts: keys, whence: name }
  }
  const text = other ? composeKey(otherwise.key, env) : undefined
  if (!otherwise || text === undefined) return undefined
  return { auth: otherwise.auth, texts: [text], whence: variablesOf(otherwise.key).join(' and ') }
}

function variablesOf(key: string): readonly string[] {
  return [...key.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
}

function waysToGive({ env, otherwise }: Preset): string {
  const others = otherwise ? [variablesOf(otherwise.key).join(' with ')] : []
  return `set ${[...env, ...others].join(' or ')} in the environment, or give it an api_key`
}
