import type { Facts } from '../../catalog/facts.ts'
import type { Endpoint } from '../../chat.ts'
import type { ProviderConfig } from '../../config.ts'

/** An endpoint of a route, with all that is known of it. */
export interface Target {
  /** Its `endpointId`. */
  readonly id: string
  readonly endpoint: Endpoint
  readonly provider: ProviderConfig
  readonly facts: Facts
  /** Its share of the calls; 1 for the others once one has it. */
  readonly weight?: number
}
