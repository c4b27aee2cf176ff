import type { Facts } from '../catalog/facts.ts'
import { endpointId, type Call, type Endpoint, type Request } from '../chat.ts'
import type { ProviderConfig, RouteOptions } from '../config.ts'
import { listOf, objectOf, type Fields } from '../fields.ts'
import { key } from '../pipeline.ts'
import { attended } from '../told.ts'
import { lay } from './asked/lay.ts'

export { continuing } from '../chat.ts'

/** OpenRouter's words for how an answer was found. */
export type Strategy = 'direct' | 'auto' | 'free' | 'latest' | 'alias' | 'fallback' | 'local'

/** What kept an endpoint from being asked: OpenRouter's words where it has them. */
export const filters = [
  'allowed_providers',
  'ignored_providers',
  'allow_fallbacks',
  'data_policy:training',
  'data_policy:zdr',
  'quantization',
  'max_price',
  'context_length',
  'max_tokens',
  'require_parameters',
  'modality',
  'operation',
  'service_tier',
  'distillable',
  'free',
  'model_not_allowed',
  'prefill',
] as const
export type Filter = (typeof filters)[number]

/** An endpoint that may be asked. */
export interface Candidate {
  /** The model by the name that stands in `request.model` when this endpoint is asked. */
  readonly model: string
  /** The route as the YAML names it, or `provider/*`. */
  readonly route: string
  readonly endpoint: Endpoint
  readonly provider: ProviderConfig
  readonly facts: Facts
  /** Dollars that this call is taken to cost there; undefined where that is not known. */
  readonly cost?: number
  /** Why it stands where it does: `sticky`, `failing`, `slow`, `offline`. */
  readonly notes: readonly string[]
  /** It was asked for as `:free`, which callers may use only so often. */
  readonly free?: boolean
  /** Parameters of its variant, for a request that has none of its own. */
  readonly patch?: Readonly<Partial<Request>>
}

/** An endpoint that is nowhere among the candidates, and the first reason for it. */
export interface Excluded {
  readonly model: string
  readonly endpoint: Endpoint
  readonly by: Filter
  /** In words for people; never what a client wrote into its prompt. */
  readonly detail: string
}

/** Where a call may be answered, in the order to try, and why nowhere else. */
export interface Plan {
  /** As the client wrote them: the model, then `models`. */
  readonly requested: readonly string[]
  readonly strategy: Strategy
  readonly candidates: readonly Candidate[]
  /** Only when nobody else can be reached. */
  readonly offline?: Candidate
  readonly excluded: readonly Excluded[]
  /** Of the first model's route. */
  readonly options: RouteOptions
  /** Whether somebody else may be asked when the first has failed. */
  readonly fallbacks: boolean
  /** What is said about the choice: `auto: difficulty 0.2, …`. */
  readonly summary: string
}

/** The plan that the call follows; of the latest plan made. */
export const plan = key<Plan | undefined>('plan', () => undefined)

/** The candidate that answers, or was asked last. */
export const served = key<Candidate | undefined>('served', () => undefined)

/** The candidate that is asked, where one is chosen. */
export const chosen = ({ endpoint, vars }: Call): Candidate | undefined => {
  if (!endpoint) return undefined
  const id = endpointId(endpoint)
  const known = [vars.get(served), ...(vars.get(plan)?.candidates ?? [])]
  return known.find((one) => one && endpointId(one.endpoint) === id)
}

/** Who may answer: the candidate that is asked, or all of the plan; nobody where no plan can be made. */
export const candidatesOf = (
  call: Call,
  planner: { readonly plan: (call: Call) => Plan },
): readonly Candidate[] => {
  const asked = chosen(call)
  if (asked) return [asked]
  try {
    return planner.plan(call).candidates
  } catch {
    // whoever sends the call says why it cannot be sent
    return []
  }
}

/** What is asked, and of whom. */
export type Placed = Call & { readonly endpoint: Endpoint }

/**
 * What plugins that stand before the choice of an endpoint change of a request once that is made, for each attempt anew.
 * They throw GatewayError where the endpoint may not be asked.
 */
export const fittings = key<((call: Placed, candidate: Candidate) => Request)[]>(
  'fittings',
  () => [],
)

/** Parameters of a variant, without plugins that have already done what it asks of them. */
const stillOpen = (patch: Readonly<Partial<Request>>, { vars }: Call): Fields => {
  const done = vars.get(attended)
  const { plugins, ...rest } = patch
  if (plugins === undefined || done.size === 0) return patch
  const open = listOf(plugins).filter((plugin) => !done.has(String(objectOf(plugin).id)))
  return open.length > 0 ? { ...rest, plugins: open } : rest
}

/** The call as it is sent to a candidate: under the candidate's name, with the parameters of its variant laid under its own. */
export const atCandidate = (call: Call, candidate: Candidate): Placed => {
  const { endpoint, model, patch } = candidate
  const request = { ...(patch ? lay(call.request, stillOpen(patch, call)) : call.request), model }
  return call.vars.get(fittings).reduce<Placed>(
    (placed, fit) => {
      const fitted = fit(placed, candidate)
      return fitted === placed.request ? placed : { ...placed, request: fitted }
    },
    { ...call, endpoint, request },
  )
}
