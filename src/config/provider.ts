import { parse } from 'valibot'
import { presetNamed, presets } from '../providers/presets.ts'
import { Secret } from '../secret.ts'
import { isLoopback, toBaseUrl } from './base-url.ts'
import type { Complain } from './complain.ts'
import { toCredentials } from './credentials.ts'
import type { Env, ProviderConfig } from './model.ts'
import { didYouMean } from '../nearest.ts'
import { providerSchema, type WrittenProvider } from './schema.ts'

/** What the YAML says about a provider when it says nothing but the name. */
export const unwritten: WrittenProvider = parse(providerSchema, {})

/** Completes a provider from its preset and the environment; `undefined` after a complaint. */
export function toProvider(
  name: string,
  written: WrittenProvider,
  env: Env,
  complain: Complain,
): ProviderConfig | undefined {
  const chosen = written.preset ?? (presetNamed(name) ? name : undefined)
  const preset = chosen === undefined ? undefined : presetNamed(chosen)
  if (chosen !== undefined && !preset) {
    complain(['preset'], `no preset is called "${chosen}"${like(chosen)}`)
    return undefined
  }
  if (!preset && written.base_url === undefined) {
    const guess = like(name)
    const otherwise =
      guess === '' ? ', so it needs a base_url' : `${guess} Else it needs a base_url`
    complain([], `no preset is called "${name}"${otherwise}`)
    return undefined
  }
  const base_url = toBaseUrl(written.base_url, preset, env, complain)
  const credentials = toCredentials(written, preset, env, complain)
  if (base_url === undefined || !credentials) return undefined
  return {
    name,
    dialects: toDialects(written.dialect) ?? preset?.dialects ?? ['openai'],
    base_url,
    ...credentials,
    headers: toSecrets({ ...preset?.headers, ...written.headers }),
    models: written.models ?? [],
    timeouts: written.timeouts,
    quirks: { ...preset?.quirks, ...written.quirks },
    max_concurrent: written.max_concurrent,
    ...(chosen !== undefined && { preset: chosen }),
    local: preset?.local === true || isLoopback(base_url),
  }
}

/** The in-process upstream, which every config has. */
export const demo: ProviderConfig = {
  name: 'demo',
  dialects: ['openai'],
  base_url: 'demo:',
  api_keys: [],
  auth: 'none',
  headers: {},
  models: ['demo'],
  timeouts: unwritten.timeouts,
  quirks: {},
  max_concurrent: unwritten.max_concurrent,
  local: true,
}

function toDialects(written: WrittenProvider['dialect']): ProviderConfig['dialects'] | undefined {
  if (typeof written === 'string') return [written]
  const [first, ...others] = written ?? []
  return first && [first, ...others]
}

function like(name: string): string {
  return didYouMean(name, Object.keys(presets))
}

function toSecrets(headers: Readonly<Record<string, string>>): Record<string, Secret> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), new Secret(value)]),
  )
}
