import { startProvider, type Provider } from './provider.ts'
import { startSluice, type Sluice } from './sluice.ts'
import { postJson } from './post.ts'
import { dialects, surfaces, type SurfaceName } from './formats.ts'

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
    post: (surface, model, body) => postJson(sluice.url + surfaces[surface](model), body),
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
