import { attempts, caller, endpointId, type Call, type Operation, type Usage } from '../chat.ts'
import type { Attempt, GatewayError } from '../errors.ts'
import { plan } from '../router/plan.ts'
import { reused } from '../told.ts'
import { charges, type Charge } from './charge.ts'

/** How an answer ended, well or not. */
export interface Ending {
  readonly error?: GatewayError
  readonly usage?: Usage
  /** As the provider names it. */
  readonly model?: string
  /** The provider's own id of the answer. */
  readonly upstream?: string
  readonly finish?: string
  /** As the provider says it. */
  readonly native?: string
}

/** What is kept of one call, and who may see it. Never what was asked or answered. */
export interface Generation {
  readonly id: string
  readonly requestId: string
  /** The caller's name; undefined where nobody has a key. */
  readonly owner: string | undefined
  readonly operation: Operation
  readonly streamed: boolean
  /** By its public name. */
  readonly model: string
  /** What stood for the model, where a router chose it. */
  readonly router: string | null
  readonly preset: string | null
  readonly tier: string | null
  readonly user: string | null
  readonly session: string | null
  readonly referer: string | null
  readonly origin: string | null
  readonly agent: string | null
  readonly attempts: readonly Attempt[]
  /** The generation whose answer was given again, if one was. */
  readonly source: string | null
  /** Of its attempts; of one that was given up, it comes a little later. */
  readonly charges: readonly Charge[]
  /** The attempt that answered, or was the last. */
  readonly last: Attempt
  readonly usage: Usage | undefined
  readonly upstream: string | null
  readonly finish: string | null
  readonly native: string | null
  readonly error: { readonly code: string; readonly status: number } | undefined
  /** Milliseconds since 1970. */
  readonly began: number
  readonly ms: number
}

export interface Ended {
  readonly call: Call
  readonly requestId: string
  readonly ending: Ending
  /** Milliseconds from the request to the end of its answer. */
  readonly ms: number
}

/** Of what a client says of itself. */
const longest = 256

const told = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, longest) : null

/** The model that answered by its public name, and the name that stood for it where a router chose it. */
const modelsOf = ({ request, vars }: Call, served: Attempt | undefined) => {
  const made = vars.get(plan)
  const chosen = made?.candidates.find(
    ({ endpoint }) => served !== undefined && endpointId(endpoint) === endpointId(served),
  )
  const routed = made !== undefined && !['direct', 'alias', 'fallback'].includes(made.strategy)
  return {
    model: chosen?.model ?? request.model,
    router: routed ? (made.requested[0] ?? null) : null,
  }
}

/** The preset that was laid under the request. */
const presetOf = ({ source, request }: Call): string | null => {
  const { preset, model } = source?.request ?? request
  return told(preset) ?? told(/@preset\/([^:@]+)/.exec(model ?? '')?.[1])
}

/** The record of a call; undefined where no provider was asked to generate something. */
export const toGeneration = ({ call, requestId, ending, ms }: Ended): Generation | undefined => {
  const { id, operation, request, headers, vars } = call
  const tried = vars.get(attempts)
  const again = vars.get(reused)
  const last =
    (again && { provider: again.provider, model: again.model, status: 200, code: 'ok', ms: 0 }) ??
    tried.findLast(({ code }) => code === 'ok') ??
    tried.at(-1)
  if (!last || operation === 'count_tokens') return undefined
  const { error, usage, upstream, finish, native } = ending
  const { model, router } = modelsOf(call, last)
  return {
    id,
    requestId,
    owner: vars.get(caller)?.name,
    operation,
    streamed: request.stream === true,
    model,
    router,
    preset: presetOf(call),
    tier: told(request.service_tier),
    user: told(request.user),
    session: told(request.session_id) ?? told(headers.get('x-session-id')),
    referer: told(headers.get('http-referer')) ?? told(headers.get('referer')),
    origin: told(headers.get('origin')),
    agent: told(headers.get('user-agent')),
    attempts: tried,
    source: again?.source ?? null,
    charges: vars.get(charges),
    last,
    usage,
    upstream: told(upstream),
    finish: told(finish),
    native: told(native),
    error: error && { code: error.code, status: error.status },
    began: Date.now() - ms,
    ms,
  }
}
