import { safeParse } from 'valibot'
import type { Preset } from '../providers/presets.ts'
import { Secret } from '../secret.ts'
import type { Complain } from './complain.ts'
import type { Auth, Env } from './model.ts'
import { key } from './scalars.ts'
import type { WrittenProvider } from './schema.ts'

export interface Credentials {
  readonly auth: Auth
  readonly api_keys: readonly Secret[]
}

/** The keys of the YAML, else those of the preset's variables; `undefined` after a complaint. */
export function toCredentials(
  written: WrittenProvider,
  preset: Preset | undefined,
  env: Env,
  complain: Complain,
): Credentials | undefined {
  const { api_key, api_keys } = written
  const own = api_keys ?? (api_key === undefined ? undefined : [api_key])
  if (api_key !== undefined && api_keys) {
    complain(['api_keys'], 'cannot stand beside api_key; give one of them')
    return undefined
  }
  const usual = preset ? (preset.auth ?? 'bearer') : 'none'
  const auth = written.auth ?? (usual === 'none' && own ? 'bearer' : usual)
  if (auth === 'none') {
    if (own) complain(['auth'], 'none sends no key, yet this provider has one')
    return own ? undefined : { auth, api_keys: [] }
  }
  const found = own ?? keysFromEnv(preset, env, complain)
  if (found?.length === 0) {
    if (preset && preset.env.length > 0) complain([], `needs a key: ${waysToGive(preset)}`)
    else complain(['auth'], `${auth} needs an api_key`)
  }
  if (!found || found.length === 0) return undefined
  return { auth, api_keys: [...new Set(found)].map((text) => new Secret(text)) }
}

function waysToGive({ env }: Preset): string {
  return `set ${env.join(' or ')} in the environment, or give it an api_key`
}

function keysFromEnv(
  preset: Preset | undefined,
  env: Env,
  complain: Complain,
): readonly string[] | undefined {
  const name = preset?.env.find((variable) => env[variable]?.trim())
  if (name === undefined) return []
  const keys = (env[name] ?? '')
    .split(',')
    .map((text) => text.trim())
    .filter((text) => text !== '')
  if (keys.every((text) => safeParse(key, text).success)) return keys
  complain([], `the key in ${name} has spaces or letters that no header can carry`)
  return undefined
}
