import * as v from 'valibot'
import { composeKey } from '../config/credentials.ts'
import type { Env, ProviderConfig } from '../config/model.ts'
import { toProvider, unwritten } from '../config/provider.ts'
import { presetNamed, presets } from './presets.ts'

/** Local runtimes that are looked for on loopback; each name is a preset. */
export const RUNTIMES = ['ollama', 'lmstudio', 'llamacpp', 'vllm', 'jan'] as const

type Runtime = (typeof RUNTIMES)[number]

export interface ProbeOptions {
  readonly fetch?: typeof fetch
  /** Ports that differ from the preset's. */
  readonly ports?: Readonly<Partial<Record<Runtime, number>>>
  /** The port that we listen on ourselves. */
  readonly skipPort?: number
  /** Milliseconds for one whole answer. */
  readonly timeout?: number
}

const MAX_BYTES = 1024 * 1024
const MAX_MODELS = 1000

/**
 * Providers whose key (and address, if it has variables) is in well-known environment variables.
 * `all` adds those whose variables are not theirs alone, to be offered but not taken.
 */
export function providersFromEnv(env: Env, which: 'own' | 'all' = 'own'): ProviderConfig[] {
  return Object.entries(presets)
    .filter(([, { listed }]) => !listed || which === 'all')
    .filter(
      ([, { env: names, otherwise }]) =>
        names.some((name) => env[name]?.trim()) ||
        (which === 'all' && otherwise && composeKey(otherwise.key, env) !== undefined),
    )
    .map(([name]) => toProvider(name, unwritten, env, () => {}))
    .filter((config) => config !== undefined)
}

/** Runtimes that answer with a list of models on loopback; never throws, and never asks through a proxy. */
export async function probeLocalRuntimes(options: ProbeOptions = {}): Promise<ProviderConfig[]> {
  const found = await Promise.all(RUNTIMES.map((name) => probe(name, options).catch(() => {})))
  return found.filter((config) => config !== undefined)
}

async function probe(
  name: Runtime,
  { fetch: ask = fetch, ports = {}, skipPort, timeout = 500 }: ProbeOptions,
): Promise<ProviderConfig | undefined> {
  const url = new URL(presetNamed(name)?.base_url ?? '')
  url.port = String(ports[name] ?? url.port)
  if (Number(url.port) === skipPort) return undefined
  const response = await ask(`${url.href}/models`, {
    headers: { accept: 'application/json' },
    proxy: false,
    redirect: 'manual',
    signal: AbortSignal.timeout(timeout),
  })
  const ours = response.headers.has('x-sluice-version')
  const models = response.ok && !ours ? await readModels(response) : undefined
  await response.body?.cancel().catch(() => {})
  if (!models) return undefined
  const written = { ...unwritten, base_url: url.href, models }
  return toProvider(name, written, {}, () => {})
}

const model = v.object({
  id: v.pipe(v.string(), v.regex(/^[^\s\p{Cc}]{1,256}$/u)),
})

/** Ollama says `null` where it has no models. */
const listSchema = v.object({ object: v.literal('list'), data: v.nullable(v.array(model)) })

async function readModels(response: Response): Promise<string[] | undefined> {
  const text = await readText(response)
  const { success, output } = v.safeParse(listSchema, JSON.parse(text))
  return success ? (output.data ?? []).slice(0, MAX_MODELS).map(({ id }) => id) : undefined
}

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) throw new RangeError('the list of models is too long')
    text += decoder.decode(chunk, { stream: true })
  }
  return text + decoder.decode()
}
