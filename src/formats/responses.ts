import { isObject, objectOf, type Fields } from '../fields.ts'
import { routing } from './routing.ts'
import type { Usage } from '../chat.ts'
import { countOf } from './unchecked.ts'

export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** The family whose reasoning this format carries natively. */
export const family = 'openai-responses-v1'

/** Request fields that chat completions and Responses call the same and mean the same by. */
export const sameFields = [
  'temperature',
  'top_p',
  'metadata',
  'user',
  'safety_identifier',
  'service_tier',
  'parallel_tool_calls',
  'prompt_cache_key',
  'prompt_cache_retention',
  'prompt_cache_options',
] as const

/** Fields of OpenRouter's that both of its skins take. */
export const routerFields = [
  ...routing,
  'cache_control',
  'modalities',
  'image_config',
  'top_k',
  'min_p',
  'top_a',
  'frequency_penalty',
  'presence_penalty',
  'repetition_penalty',
  'seed',
  'stop',
  'logit_bias',
  'max_tool_calls',
] as const

/** How a response ended, in the canonical words and in its own. */
export const finishOf = (
  status: unknown,
  reason: unknown,
  called: boolean,
): { readonly finish_reason: string; readonly native_finish_reason: string } => {
  if (status !== 'incomplete')
    return { finish_reason: called ? 'tool_calls' : 'stop', native_finish_reason: 'completed' }
  const native = typeof reason === 'string' ? reason : 'incomplete'
  return {
    finish_reason: native === 'content_filter' ? 'content_filter' : 'length',
    native_finish_reason: native,
  }
}

/** The status and details of a response that ended so. */
export const statusOf = (
  finish: string | undefined,
): { readonly status: string; readonly incomplete_details: Fields | null } => {
  if (finish === 'length')
    return { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }
  if (finish === 'content_filter')
    return { status: 'incomplete', incomplete_details: { reason: 'content_filter' } }
  return { status: 'completed', incomplete_details: null }
}

/** What OpenRouter adds to a usage in every skin. */
const costFields = ['cost', 'is_byok', 'server_tool_use_details'] as const

/** Its parts of the cost, as chat completions and as Responses call them. */
const costNames = [
  ['upstream_inference_prompt_cost', 'upstream_inference_input_cost'],
  ['upstream_inference_completions_cost', 'upstream_inference_output_cost'],
] as const

const costDetails = (details: unknown, from: 0 | 1, to: 0 | 1): Fields => {
  if (!isObject(details)) return {}
  const named = costNames.map((names) => [names[to], details[names[from]] ?? 0])
  const others = Object.entries(details).filter(
    ([name]) => !costNames.some((names) => names[from] === name),
  )
  return { cost_details: Object.fromEntries([...others, ...named]) }
}

const pick = (from: Fields, fields: readonly string[]): Fields =>
  Object.fromEntries(
    fields.filter((field) => from[field] !== undefined).map((field) => [field, from[field]]),
  )

const counts = (from: Fields, fields: readonly string[]): Fields =>
  pick(
    from,
    fields.filter((field) => typeof from[field] === 'number'),
  )

/** @param searches web searches that the answer shows */
export const toUsage = (native: unknown, searches = 0): Usage | undefined => {
  if (!isObject(native)) return undefined
  const { input_tokens, output_tokens, total_tokens } = native
  const input = objectOf(native.input_tokens_details)
  const output = objectOf(native.output_tokens_details)
  const prompt = countOf(input_tokens)
  const completion = countOf(output_tokens)
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: countOf(total_tokens) || prompt + completion,
    prompt_tokens_details: counts(input, ['cached_tokens', 'cache_write_tokens', 'audio_tokens']),
    completion_tokens_details: counts(output, ['reasoning_tokens', 'audio_tokens']),
    ...(searches > 0 && { server_tool_use: { web_search_requests: searches } }),
    ...pick(native, costFields),
    ...costDetails(native.cost_details, 1, 0),
  }
}

export const fromUsage = (usage: Usage): Fields => {
  const prompt = objectOf(usage.prompt_tokens_details)
  const completion = objectOf(usage.completion_tokens_details)
  return {
    input_tokens: countOf(usage.prompt_tokens),
    input_tokens_details: {
      cached_tokens: countOf(prompt.cached_tokens),
      cache_write_tokens: countOf(prompt.cache_write_tokens),
    },
    output_tokens: countOf(usage.completion_tokens),
    output_tokens_details: { reasoning_tokens: countOf(completion.reasoning_tokens) },
    total_tokens: countOf(usage.total_tokens),
    ...pick(usage, costFields),
    ...costDetails(usage.cost_details, 0, 1),
  }
}
