import type { ProviderConfig } from '../config.ts'
import type { Facts } from './facts.ts'

/** One place that knows something about models. */
export interface Source {
  /** As `Facts.sources` tells it. */
  readonly name: string
  facts(provider: ProviderConfig, model: string): Facts | undefined
  /** The models that the provider has, by its own names; undefined where this place does not know. */
  models(provider: ProviderConfig): readonly string[] | undefined
}
