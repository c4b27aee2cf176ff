import { attempts, caller, endpointId, type Call, type Operation, type Usage } from '../chat.ts'
import type { Attempt, GatewayError } from '../errors.ts'
import { objectOf } from '../fields.ts'
import { plan } from '../router/plan.ts'
import { chargeOf, charges, dollarsOf, type Charge } from './charge.ts'

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

/** What is kept of one call: OpenRouter's names, and who may see it. Never what was asked or answered. */
export interface Generation {
  /** The caller's name; undefined where nobody has a key. */
  readonly owner: string | undefined
  readonly data: Readonly<Record<string, unknown>>
  /** Of its attempts; of one that was given up, it comes a little later. */
  readonly charges: readonly Charge[]
  /** The attempt that answered, or was the last. */
  readonly last: Attempt
}

export interface Ended {
  readonly call: Call
  readonly requestId: string
  readonly ending: Ending
  /** Milliseconds from the request to the end of its answer. */
  readonly ms: number
}

const apiTypes: Readonly<Partial<Record<Operation, string>>> = {
  chat: 'completions',
  completions: 'completions',
  embeddings: 'embeddings',
  rerank: 'rerank',
  speech: 'tts',
  transcriptions: 'stt',
  images: 'image',
}

/** Of what a client says of itself. */
const longest = 256

const told = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value.slice(0, longest) : null

const whole = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : null

const countsOf = (usage: Usage | undefined) => {
  const input = objectOf(usage?.prompt_tokens_details)
  const output = objectOf(usage?.completion_tokens_details)
  const prompt = whole(usage?.prompt_tokens)
  const completion = usage ? (whole(usage.completion_tokens) ?? 0) : null
  return {
    tokens_prompt: prompt,
    tokens_completion: completion,
    native_tokens_prompt: prompt,
    native_tokens_completion: completion,
    native_tokens_reasoning: whole(output.reasoning_tokens),
    native_tokens_cached: whole(input.cached_tokens),
    native_tokens_completion_images: whole(output.image_tokens),
    ...(usage?.estimated && { estimated: true }),
  }
}

const responseOf = (attempt: Attempt) => ({
  provider_name: attempt.provider,
  endpoint_id: endpointId(attempt),
  model_permaslug: attempt.model,
  status: attempt.status || null,
  latency: attempt.ms,
  is_byok: true,
  code: attempt.code,
})

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

const clientOf = ({ request, headers }: Call) => ({
  external_user: told(request.user),
  session_id: told(request.session_id) ?? told(headers.get('x-session-id')),
  http_referer: told(headers.get('http-referer')) ?? told(headers.get('referer')),
  origin: told(headers.get('origin')) ?? '',
  user_agent: told(headers.get('user-agent')),
})

/** The preset that was laid under the request. */
const presetOf = ({ source, request }: Call): string | null => {
  const { preset, model } = source?.request ?? request
  return told(preset) ?? told(/@preset\/([^:@]+)/.exec(model ?? '')?.[1])
}

/** What nothing here knows anything of, and OpenRouter's clients look for. */
const unknown = {
  app_id: null,
  cache_discount: null,
  data_region: 'global',
  moderation_latency: null,
  num_fetches: null,
  num_input_audio_prompt: null,
  num_media_completion: null,
  num_media_prompt: null,
  num_search_results: null,
  response_cache_source_id: null,
  web_search_engine: null,
  workspace_id: null,
} as const

/** The record of a call; undefined where no provider was asked to generate something. */
export const toGeneration = ({ call, requestId, ending, ms }: Ended): Generation | undefined => {
  const tried = call.vars.get(attempts)
  const { error, usage } = ending
  const last = tried.findLast(({ code }) => code === 'ok') ?? tried.at(-1)
  if (!last || call.operation === 'count_tokens') return undefined
  return {
    owner: call.vars.get(caller)?.name,
    charges: call.vars.get(charges),
    last,
    data: {
      id: call.id,
      request_id: requestId,
      upstream_id: told(ending.upstream),
      api_type: apiTypes[call.operation] ?? null,
      ...modelsOf(call, last),
      ...unknown,
      preset_id: presetOf(call),
      provider_name: last.provider,
      provider_responses: tried.map(responseOf),
      created_at: new Date(Date.now() - ms).toISOString(),
      streamed: call.request.stream === true,
      cancelled: error?.code === 'client_closed',
      finish_reason: error ? 'error' : told(ending.finish),
      native_finish_reason: told(ending.native),
      latency: Math.round(ms),
      ...countsOf(usage),
      service_tier: told(call.request.service_tier),
      is_byok: true,
      ...clientOf(call),
      ...(error && { error: { code: error.code, status: error.status } }),
    },
  }
}

/** What was counted here where no provider did. */
const countedOf = ({ data }: Generation, charge: Charge | undefined) =>
  data.tokens_prompt === null && charge?.tokens
    ? {
        tokens_prompt: charge.tokens.prompt,
        tokens_completion: charge.tokens.completion,
        native_tokens_prompt: charge.tokens.prompt,
        native_tokens_completion: charge.tokens.completion,
        ...(charge.tokens.estimated && { estimated: true }),
      }
    : {}

/**
 * The record with its cost in dollars: that is the providers', who are paid by the user's own keys.
 * @param unpriced what stands for a cost that is not known: OpenRouter's clients demand a number
 */
export const toShown = (generation: Generation, unpriced: number | null) => {
  const { data, charges: charged, last } = generation
  const charge = chargeOf(charged, last)
  const cost = dollarsOf(charged)
  return {
    ...data,
    ...countedOf(generation, charge),
    generation_time: charge ? Math.round(charge.ms) : null,
    usage: cost ?? unpriced,
    total_cost: cost ?? unpriced,
    upstream_inference_cost: cost ?? null,
    ...(cost === undefined && { unpriced: true }),
  }
}
