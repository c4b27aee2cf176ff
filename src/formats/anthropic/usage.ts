import { objectOf, type Fields } from '../../fields.ts'
import type { Usage } from '../../chat.ts'

const count = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** Anthropic's counters as OpenAI's, in which the input includes what was cached. */
export const fromAnthropicUsage = (usage: Fields): Usage => {
  const read = count(usage.cache_read_input_tokens)
  const written = objectOf(usage.cache_creation)
  const write5m = count(written.ephemeral_5m_input_tokens)
  const write1h = count(written.ephemeral_1h_input_tokens)
  const write = Math.max(count(usage.cache_creation_input_tokens), write5m + write1h)
  const prompt_tokens = count(usage.input_tokens) + read + write
  const completion_tokens = count(usage.output_tokens)
  const { thinking_tokens } = objectOf(usage.output_tokens_details)
  const searches = objectOf(usage.server_tool_use).web_search_requests
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    prompt_tokens_details: {
      cached_tokens: read,
      cache_write_tokens: write,
      ...(write5m + write1h > 0 && {
        cache_write_5m_tokens: write5m,
        cache_write_1h_tokens: write1h,
      }),
    },
    ...(typeof thinking_tokens === 'number' && {
      completion_tokens_details: { reasoning_tokens: thinking_tokens },
    }),
    ...(typeof searches === 'number' && { server_tool_use: { web_search_requests: searches } }),
  }
}

/** The input's counters, of which a stream's start tells none but zeros and its end the true ones. */
const toInput = (usage: Usage | undefined) => {
  const details = objectOf(usage?.prompt_tokens_details)
  const read = count(details.cached_tokens)
  const write = count(details.cache_write_tokens)
  const write1h = count(details.cache_write_1h_tokens)
  return {
    totals: {
      input_tokens: Math.max(0, count(usage?.prompt_tokens) - read - write),
      cache_creation_input_tokens: write,
      cache_read_input_tokens: read,
    },
    cache_creation: {
      ephemeral_5m_input_tokens: write - write1h,
      ephemeral_1h_input_tokens: write1h,
    },
  }
}

/** What `message_delta` tells: totals of the whole message. */
export const toDeltaUsage = (usage: Usage | undefined) => {
  const { reasoning_tokens } = objectOf(usage?.completion_tokens_details)
  const { web_search_requests, web_fetch_requests } = objectOf(usage?.server_tool_use)
  const { totals, cache_creation } = toInput(usage)
  return {
    ...totals,
    ...(totals.cache_creation_input_tokens > 0 && { cache_creation }),
    output_tokens: count(usage?.completion_tokens),
    output_tokens_details:
      typeof reasoning_tokens === 'number' ? { thinking_tokens: reasoning_tokens } : null,
    server_tool_use:
      typeof web_search_requests === 'number'
        ? { web_search_requests, web_fetch_requests: count(web_fetch_requests) }
        : null,
  }
}

/** What a message tells. */
export const toAnthropicUsage = (usage: Usage | undefined) => ({
  ...toDeltaUsage(usage),
  cache_creation: toInput(usage).cache_creation,
  inference_geo: null,
  service_tier: null,
  speed: null,
})
