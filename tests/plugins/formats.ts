import { startProvider, type Provider } from '../support/provider.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'

export const dialects = ['openai', 'responses', 'anthropic', 'gemini'] as const
export type Dialect = (typeof dialects)[number]

/** Where clients of each format ask for a model. */
export const surfaces = {
  chat: () => '/v1/chat/completions',
  responses: () => '/v1/responses',
  messages: () => '/v1/messages',
  gemini: (model: string) => `/v1beta/models/${model}:generateContent`,
} as const
export type SurfaceName = keyof typeof surfaces

/** A body of each format, which says no more than that. */
export const bodyFor = (surface: SurfaceName, model: string, system?: string): any => {
  const hello = [{ role: 'user', content: 'Hello!' }]
  switch (surface) {
    case 'chat':
      return {
        model,
        messages: [...(system ? [{ role: 'system', content: system }] : []), ...hello],
      }
    case 'responses':
      return { model, input: 'Hello!', ...(system && { instructions: system }) }
    case 'messages':
      return { model, max_tokens: 16_000, messages: hello, ...(system && { system }) }
    case 'gemini':
      return {
        contents: [{ role: 'user', parts: [{ text: 'Hello!' }] }],
        ...(system && { systemInstruction: { parts: [{ text: system }] } }),
      }
  }
}

export interface FormatsLab {
  readonly provider: Provider
  readonly sluice: Sluice
  post(surface: SurfaceName, model: string, body: object): Promise<Response>
  /** The body that the provider was sent last. */
  sent(): any
  [Symbol.asyncDispose](): Promise<void>
}

/** A daemon and one provider that is reached in every format, under the format's name. */
export const startFormats = async (
  plugins: readonly unknown[],
  more: {
    readonly providers?: (url: string) => object
    readonly files?: Readonly<Record<string, string>>
    readonly config?: object
  } = {},
): Promise<FormatsLab> => {
  const provider = await startProvider({ name: 'box' })
  const base_url = provider.url
  const config = {
    server: { drain: '1s', discover: false },
    providers: {
      ...Object.fromEntries(
        dialects.map((dialect) => [dialect, { dialect, base_url, auth: 'none' }]),
      ),
      ...more.providers?.(base_url),
    },
    ...more.config,
    plugins,
  }
  const sluice = await startSluice({
    config: JSON.stringify(config),
    ...(more.files && { files: more.files }),
    env: { BUN_CONFIG_MAX_HTTP_REQUESTS: '4096' },
  }).catch(async (error) => {
    await provider.stop()
    throw error
  })
  return {
    provider,
    sluice,
    post: (surface, model, body) =>
      fetch(sluice.url + surfaces[surface](model), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    sent: () => provider.requests.at(-1)?.json,
    async [Symbol.asyncDispose]() {
      try {
        await sluice.stop()
      } finally {
        await provider.stop()
      }
    },
  }
}
