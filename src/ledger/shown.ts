import { endpointId, type Operation, type Usage } from '../chat.ts'
import type { Attempt } from '../errors.ts'
import { objectOf } from '../fields.ts'
import { chargeOf, dollarsOf, type Charge } from './charge.ts'
import type { Generation } from './generation.ts'

const apiTypes: Readonly<Partial<Record<Operation, string>>> = {
  chat: 'completions',
  completions: 'completions',
  embeddings: 'embeddings',
  rerank: 'rerank',
  speech: 'tts',
  transcriptions: 'stt',
  images: 'image',
}

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
  web_search_engine: null,
  workspace_id: null,
} as const

/** OpenRouter's names for it. */
const dataOf = (kept: Generation) => ({
  id: kept.id,
  request_id: kept.requestId,
  upstream_id: kept.upstream,
  api_type: apiTypes[kept.operation] ?? null,
  model: kept.model,
  router: kept.router,
  ...unknown,
  response_cache_source_id: kept.source,
  preset_id: kept.preset,
  provider_name: kept.last.provider,
  provider_responses: kept.attempts.map(responseOf),
  created_at: new Date(kept.began).toISOString(),
  streamed: kept.streamed,
  cancelled: kept.error?.code === 'client_closed',
  finish_reason: kept.error ? 'error' : kept.finish,
  native_finish_reason: kept.native,
  latency: Math.round(kept.ms),
  ...countsOf(kept.usage),
  service_tier: kept.tier,
  is_byok: true,
  external_user: kept.user,
  session_id: kept.session,
  http_referer: kept.referer,
  origin: kept.origin ?? '',
  user_agent: kept.agent,
  ...(kept.error && { error: kept.error }),
})

/** What was counted here where no provider did. */
const countedOf = ({ usage }: Generation, charge: Charge | undefined) =>
  whole(usage?.prompt_tokens) === null && charge?.tokens
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
  const { charges: charged, last } = generation
  const charge = chargeOf(charged, last)
  const cost = dollarsOf(charged)
  return {
    ...dataOf(generation),
    ...countedOf(generation, charge),
    generation_time: charge ? Math.round(charge.ms) : null,
    usage: cost ?? unpriced,
    total_cost: cost ?? unpriced,
    upstream_inference_cost: cost ?? null,
    ...(cost === undefined && { unpriced: true }),
  }
}
