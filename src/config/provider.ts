import { parse } from 'valibot'
import { presetNamed, presets } from '../providers/presets.ts'
import { Secret } from '../secret.ts'
import { isLoopback, toBaseUrl } from './base-url.ts'
import type { Complain } from './complain.ts'
import { toCredentials } from './credentials.ts'
import type { Auth, DialectName, Env, ProviderConfig } from './model.ts'
import { didYouMean } from '../nearest.ts'
import { providerSchema, type WrittenProvider } from './provider-schema.ts'
import { awsScope } from './region.ts'

/** What the YAML says about a provider when it says nothing but the name. */
export const unwritten: WrittenProvider = parse(providerSchema, {})

/**
 * Completes a provider from its preset and the environment; `undefined` after a complaint.
 * @param directory where a package that it names is looked for
 */
export function toProvider(
  name: string,
  written: WrittenProvider,
  env: Env,
  complain: Complain,
  directory = '.',
): ProviderConfig | undefined {
  const chosen = written.preset ?? (presetNamed(name) ? name : undefined)
  const preset = chosen === undefined ? undefined : presetNamed(chosen)
  if (chosen !== undefined && !preset) {
    complain(['preset'], `no preset is called "${chosen}"${like(chosen)}`)
    return undefined
  }
  const dialects = toDialects(written.dialect) ?? preset?.dialects ?? ['openai']
  const sdk = toPackage(written, dialects, complain)
  if (!preset && written.base_url === undefined && sdk.package === undefined) {
    const guess = like(name)
    const otherwise =
      guess === '' ? ', so it needs a base_url' : `${guess} Else it needs a base_url`
    complain([], `no preset is called "${name}"${otherwise}`)
    return undefined
  }
  const lent = sdk.package === undefined ? preset : undefined
  const base_url =
    sdk.package !== undefined && written.base_url === undefined
      ? 'ai-sdk:'
      : toBaseUrl(written.base_url, lent, env, complain)
  const usual = usualAuth[dialects[0]] ?? 'bearer'
  const credentials = toCredentials(
    written,
    preset,
    env,
    complain,
    usual,
    sdk.package === undefined,
  )
  if (base_url === undefined || !credentials || sdk.mistaken) return undefined
  if (credentials.auth === 'sigv4' && !awsScope(base_url)) {
    complain(written.base_url === undefined ? ['auth'] : ['base_url'], region_words)
    return undefined
  }
  const local = lent?.local === true || isLoopback(base_url)
  if (written.probe !== undefined && !local) {
    complain(['probe'], probe_words)
    return undefined
  }
  return {
    name,
    dialects,
    base_url,
    ...credentials,
    headers: toSecrets({ ...lent?.headers, ...written.headers }),
    ...toModels(written.models),
    timeouts: written.timeouts,
    quirks: { ...lent?.quirks, ...written.quirks },
    max_output_tokens: toLimits(written.max_output_tokens),
    ...(sdk.package !== undefined && {
      package: sdk.package,
      settings: written.settings ?? {},
      directory,
    }),
    max_concurrent: written.max_concurrent,
    limits: written.limits,
    queue: written.queue,
    ...toPolicy(written, local && credentials.api_keys.length === 0),
    tag: written.tag ?? name,
    ...(written.service_tier && { service_tier: written.service_tier }),
    cache_ttl: written.cache_ttl ?? usualCacheTtl,
    ...(written.probe !== undefined && { probe: written.probe }),
    ...(chosen !== undefined && { preset: chosen }),
    local,
  }
}

/** Milliseconds; the shortest that a maker of models promises. */
const usualCacheTtl = 5 * 60_000

/** The in-process upstream, which every config has. */
export const demo: ProviderConfig = {
  name: 'demo',
  dialects: ['openai'],
  base_url: 'demo:',
  api_keys: [],
  auth: 'none',
  headers: {},
  models: ['demo'],
  facts: {},
  timeouts: unwritten.timeouts,
  quirks: {},
  max_output_tokens: {},
  max_concurrent: unwritten.max_concurrent,
  limits: {},
  queue: unwritten.queue,
  data_collection: 'deny',
  zdr: true,
  tag: 'demo',
  cache_ttl: usualCacheTtl,
  local: true,
}

const probe_words = 'is for local runtimes only; others are known by the calls to them'
const region_words =
  'sigv4 needs a region in its address, such as https://bedrock-runtime.us-east-1.amazonaws.com/…'

/** How the format's own hosts want a key; `bearer` for the others. */
const usualAuth: Partial<Record<DialectName, Auth>> = {
  anthropic: 'x-api-key',
  gemini: 'x-goog-api-key',
}

function toDialects(written: WrittenProvider['dialect']): ProviderConfig['dialects'] | undefined {
  if (typeof written === 'string') return [written]
  const [first, ...others] = new Set(written)
  return first && [first, ...others]
}

interface Sdk {
  readonly package?: string
  readonly mistaken?: true
}

/** A package stands exactly where `ai-sdk` is the one dialect. */
function toPackage(
  written: WrittenProvider,
  dialects: ProviderConfig['dialects'],
  complain: Complain,
): Sdk {
  if (!dialects.includes('ai-sdk')) {
    const stray = (['package', 'settings'] as const).filter((key) => written[key] !== undefined)
    for (const key of stray) complain([key], 'is only for dialect: ai-sdk')
    return stray.length > 0 ? { mistaken: true } : {}
  }
  if (dialects.length > 1) complain(['dialect'], 'ai-sdk cannot stand beside other dialects')
  if (written.package === undefined) {
    complain(['dialect'], 'ai-sdk needs a package, such as "@ai-sdk/cohere"')
  }
  return dialects.length === 1 && written.package !== undefined
    ? { package: written.package }
    : { package: written.package ?? '', mistaken: true }
}

function toModels(written: WrittenProvider['models']): Pick<ProviderConfig, 'models' | 'facts'> {
  if (written === undefined || Array.isArray(written)) return { models: written ?? [], facts: {} }
  const facts = Object.entries(written).map(([model, known]) => [model, known ?? {}] as const)
  return { models: facts.map(([model]) => model), facts: Object.fromEntries(facts) }
}

/** What leaves this machine, or goes to who asks for a key, is taken to be kept, unless the YAML says otherwise. */
function toPolicy(
  { data_collection, zdr }: WrittenProvider,
  own: boolean,
): Pick<ProviderConfig, 'data_collection' | 'zdr'> {
  const keepsNone = zdr ?? own
  return { data_collection: data_collection ?? (keepsNone ? 'deny' : 'allow'), zdr: keepsNone }
}

function toLimits(written: WrittenProvider['max_output_tokens']): Record<string, number> {
  return typeof written === 'number' ? { '*': written } : { ...written }
}

function like(name: string): string {
  return didYouMean(name, Object.keys(presets))
}

function toSecrets(headers: Readonly<Record<string, string>>): Record<string, Secret> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), new Secret(value)]),
  )
}
