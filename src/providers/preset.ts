import type { Auth, ProviderConfig, Quirks } from '../config/model.ts'

/** What is known about a provider before anyone configures it. */
export interface Preset {
  /** `{NAME}` is filled from the environment variable NAME. */
  readonly base_url: string
  /** Variables that may hold the key, the first that is set wins; several keys stand between commas. */
  readonly env: readonly string[]
  /** Another proof of who we are, for when no variable of `env` is set. */
  readonly otherwise?: {
    readonly auth: Auth
    /** A key made of variables: `{NAME}`, or `{NAME?}` for one that may be missing. */
    readonly key: string
  }
  /** `['openai']` when absent. */
  readonly dialects?: ProviderConfig['dialects']
  /** `bearer` when absent. */
  readonly auth?: Auth
  /** Runs on the user's own machine and needs no key. */
  readonly local?: true
  /** Used only when the YAML lists it, as its variable serves another preset or another purpose too. */
  readonly listed?: true
  readonly quirks?: Quirks
  readonly headers?: Readonly<Record<string, string>>
}
