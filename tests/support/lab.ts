import { startProvider, type Provider } from './provider.ts'
import { startSluice, type Sluice } from './sluice.ts'
import { sse, type Sse } from './sse.ts'

export interface LabOptions {
  /** Added to `server` in the YAML. */
  readonly server?: Readonly<Record<string, unknown>>
  /** For every provider. */
  readonly timeouts?: Readonly<Record<string, string>>
  /** More providers, or other settings for `a`, `b`, `c`. */
  readonly providers?: (
    lab: Providers,
  ) => Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly routes?: Readonly<Record<string, unknown>>
  readonly routing?: Readonly<Record<string, unknown>>
  readonly plugins?: readonly unknown[]
  /** The daemon’s environment; by default what spares it beginning again with a higher request limit. */
  readonly env?: Readonly<Record<string, string>>
  /** How many names provider `a` has: `a0`, `a1` …, each with its routes `m0` (then `b`, `c`) and `solo0`. */
  readonly lanes?: number
}

export interface Providers {
  readonly a: Provider
  readonly b: Provider
  readonly c: Provider
}

export interface Lab extends Providers {
  readonly sluice: Sluice
  /** POST /v1/chat/completions with a short prompt, for model `m` unless the request says otherwise. */
  chat(request?: Readonly<Record<string, unknown>>, init?: RequestInit): Promise<Answer>
  [Symbol.asyncDispose](): Promise<void>
}

/** What a client has seen of one request. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The body as text. */
  readonly raw: string
  /** The JSON body of a whole answer or an error. */
  readonly json: any
  readonly stream: Sse | undefined
  /** The content of the first choice, streamed or whole. */
  readonly text: string
  /** The error of the body, or the in-band one. */
  readonly error: any
  readonly usage: any
}

export const prompt = [{ role: 'user', content: 'Say hello.' }]

/**
 * Providers `a`, `b`, `c` behind a daemon with the plugin `fallback`: route `m` tries them in that order,
 * `solo` has `a` alone.
 */
export const startLab = async (options: LabOptions = {}): Promise<Lab> => {
  const [a, b, c] = await Promise.all(['a', 'b', 'c'].map((name) => startProvider({ name })))
  const providers = { a: a!, b: b!, c: c! }
  const env = options.env ?? { BUN_CONFIG_MAX_HTTP_REQUESTS: '4096' }
  const sluice = await startSluice({ config: labConfig(providers, options), env }).catch(
    async (error) => {
      await Promise.all([a!.stop(), b!.stop(), c!.stop()])
      throw error
    },
  )
  return {
    ...providers,
    sluice,
    chat: (request, init) => chat(sluice.v1, { model: 'm', messages: prompt, ...request }, init),
    async [Symbol.asyncDispose]() {
      try {
        await sluice.stop()
      } finally {
        await Promise.all([a!.stop(), b!.stop(), c!.stop()])
      }
    },
  }
}

/** The lab's YAML (JSON is YAML). */
const labConfig = (lab: Providers, options: LabOptions): string => {
  const timeouts = {
    connect: '5s',
    first_byte: '10s',
    stall: '10s',
    total: '30s',
    ...options.timeouts,
  }
  const provider = (url: string, key: string) => ({
    dialect: 'openai',
    base_url: url,
    api_key: key,
    timeouts,
  })
  const lanes = Array.from({ length: options.lanes ?? 0 }, (_, lane) => lane)
  const config = {
    server: { drain: '1s', discover: false, ...options.server },
    providers: {
      a: provider(lab.a.url, 'sk-provider-a'),
      b: provider(lab.b.url, 'sk-provider-b'),
      c: provider(lab.c.url, 'sk-provider-c'),
      ...Object.fromEntries(
        lanes.map((lane) => [`a${lane}`, provider(lab.a.url, `sk-provider-a${lane}`)]),
      ),
      ...options.providers?.(lab),
    },
    routes: {
      m: ['a/m', 'b/m', 'c/m'],
      solo: ['a/m'],
      ...Object.fromEntries(
        lanes.flatMap((lane) => [
          [`m${lane}`, [`a${lane}/m`, 'b/m', 'c/m']],
          [`solo${lane}`, [`a${lane}/m`]],
        ]),
      ),
      ...options.routes,
    },
    ...(options.routing && { routing: options.routing }),
    plugins: options.plugins ?? ['fallback'],
  }
  return JSON.stringify(config, null, 2)
}

/** One chat request and everything that came back. */
export const chat = async (
  v1: string,
  request: unknown,
  init: RequestInit = {},
): Promise<Answer> => {
  const { headers, ...rest } = init
  return readAnswer(
    await fetch(`${v1}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
      body: typeof request === 'string' ? request : JSON.stringify(request),
      ...rest,
    }),
  )
}

export const readAnswer = async (response: Response): Promise<Answer> => {
  const { status, headers } = response
  if (headers.get('content-type')?.startsWith('text/event-stream')) {
    const stream = await sse(response)
    const { events } = stream
    return {
      status,
      headers,
      raw: stream.raw,
      json: undefined,
      stream,
      text: events.map((event) => firstChoice(event)?.delta?.content ?? '').join(''),
      error: events.find((event) => event.error !== undefined)?.error,
      usage: events.findLast((event) => event.usage)?.usage,
    }
  }
  const raw = await response.text()
  const json = parse(raw)
  return {
    status,
    headers,
    raw,
    json,
    stream: undefined,
    text: firstChoice(json)?.message?.content ?? '',
    error: json?.error,
    usage: json?.usage,
  }
}

const firstChoice = (body: any): any => body?.choices?.find((choice: any) => choice.index === 0)

const parse = (raw: string): any => {
  try {
    return JSON.parse(raw)
  } catch {
    return undefined
  }
}
