import { v, type Usage } from 'sluice/plugin'

const counts = v.fallback(v.looseObject({ web_search_requests: v.optional(v.number(), 0) }), {
  web_search_requests: 0,
})

/** The usage with searches beside those of the provider's own, in the words of OpenRouter's documents and of its schema. */
export const withSearches = (usage: Usage, searches: number): Usage => {
  const more = (known: unknown) => {
    const counted = v.parse(counts, known)
    return { ...counted, web_search_requests: counted.web_search_requests + searches }
  }
  return {
    ...usage,
    server_tool_use: more(usage.server_tool_use),
    server_tool_use_details: more(usage.server_tool_use_details),
  }
}
