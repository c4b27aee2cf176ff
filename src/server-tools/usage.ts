import { objectOf } from '../fields.ts'
import type { Usage } from '../chat.ts'

/** How often tools were called. */
export interface Counted {
  readonly requested: number
  readonly executed: number
  readonly searches: number
  readonly fetches: number
}

const countOf = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** The usage with what was done by tools, in the words of OpenRouter's documents and of its schema. */
export const withCalls = (
  usage: Usage,
  { requested, executed, searches, fetches }: Counted,
): Usage => {
  const known = objectOf(usage.server_tool_use)
  const details = objectOf(usage.server_tool_use_details)
  const native = countOf(known.web_search_requests) || countOf(details.web_search_requests)
  const told = {
    web_search_requests: native + searches,
    tool_calls_requested: requested,
    tool_calls_executed: executed,
  }
  return {
    ...usage,
    server_tool_use: { ...known, ...told, ...(fetches > 0 && { web_fetch_requests: fetches }) },
    server_tool_use_details: { ...details, ...told },
  }
}
