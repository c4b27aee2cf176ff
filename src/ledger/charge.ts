import { costOf } from '../catalog/cost.ts'
import { toDollars, type Nanos } from '../catalog/money.ts'
import type { Pricing } from '../catalog/pricing.ts'
import { endpointId, type Endpoint, type Usage } from '../chat.ts'
import { key } from '../pipeline.ts'

/** What one attempt took: neither what was asked nor what was answered. */
export interface Charge {
  /** `provider/model` */
  readonly endpoint: string
  /** Milliseconds from the send to the end. */
  readonly ms: number
  /** Undefined where its price is not known; counted when somebody asks. */
  readonly cost: Nanos | undefined
  readonly tokens?: {
    readonly prompt: number
    readonly completion: number
    readonly estimated: boolean
  }
}

/** What every attempt of the call took that has ended, in the order of their ends. */
export const charges = key<Charge[]>('charges', () => [])

/** How an attempt ended, as far as it costs something. */
interface Ended {
  readonly endpoint: Endpoint
  readonly complete: boolean
  readonly ms: number
  readonly usage: Usage | undefined
}

/** @param pricing of the endpoint */
export const toCharge = (
  { endpoint, complete, ms, usage }: Ended,
  pricing: Pricing | undefined,
): Charge => {
  const at = Date.now() - ms
  return {
    endpoint: endpointId(endpoint),
    ms,
    get cost() {
      // who said nothing takes nothing
      return complete || usage ? costOf(usage, pricing, new Date(at))?.total : 0
    },
    ...(usage && {
      tokens: {
        prompt: usage.prompt_tokens,
        completion: usage.completion_tokens ?? 0,
        estimated: usage.estimated === true,
      },
    }),
  }
}

/** Dollars of all attempts; undefined where the price of one of them is not known. */
export const dollarsOf = (all: readonly Charge[]): number | undefined => {
  let sum = 0
  for (const { cost } of all) {
    if (cost === undefined) return undefined
    sum += cost
  }
  return toDollars(sum)
}

/** The charge of the endpoint's latest attempt, if it has ended. */
export const chargeOf = (all: readonly Charge[], endpoint: Endpoint): Charge | undefined =>
  all.findLast((charge) => charge.endpoint === endpointId(endpoint))
