import { isObject, objectOf, type Fields } from '../fields.ts'
import type { Usage } from '../chat.ts'

const added = (before: unknown, more: unknown): unknown => {
  if (typeof before === 'number' && typeof more === 'number') return before + more
  if (isObject(before) && isObject(more)) return sumFields(before, more)
  if (typeof before === 'boolean' && typeof more === 'boolean') return before || more
  return more ?? before
}

const sumFields = (before: Fields, more: Fields): Fields => ({
  ...before,
  ...Object.fromEntries(
    Object.entries(more).map(([name, value]) => [name, added(before[name], value)]),
  ),
})

/** What several turns took together. */
export const sumOf = (before: Usage | undefined, more: Usage | undefined): Usage | undefined =>
  before && more ? (sumFields(before, more) as Usage) : (more ?? before)

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
