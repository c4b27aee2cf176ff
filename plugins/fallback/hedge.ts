import type { Call, Candidate, Host, Plan } from 'sluice/plugin'

/** What may be done twice: nothing else remembers, sends or makes anything. */
const harmless = new Set(['chat', 'completions', 'embeddings'])

/** Tools that providers run by themselves may do things in the world. */
const runsTools = ({ tools }: Call['request']): boolean =>
  Array.isArray(tools) && tools.some(({ type }) => type !== 'function' && type !== 'custom')

/**
 * Milliseconds after which a rival is asked; undefined when none is. A percentile is of the time to the first content,
 * which of a whole answer is its end, so that whole answers are hedged after a fixed time only.
 */
export const hedgeAfter = (
  call: Call,
  { options: { hedge }, fallbacks }: Plan,
  { endpoint }: Candidate,
  host: Host,
): number | undefined => {
  if (!hedge || !fallbacks || !harmless.has(call.operation) || runsTools(call.request))
    return undefined
  if (typeof hedge.after === 'number') return hedge.after
  if (call.operation !== 'embeddings' && call.request.stream !== true) return undefined
  const seconds = host.latency(endpoint)?.[hedge.after]
  return seconds === undefined ? undefined : seconds * 1_000
}

/** Whether the rival costs no more than it may. */
export const isAffordable = ({ cost }: Candidate, { options: { hedge } }: Plan): boolean =>
  hedge?.max_cost === undefined || (cost !== undefined && cost <= hedge.max_cost)
