import { ofEach, ofTokens, roundedUp, type Exact, type Nanos } from './money.ts'
import { isFree, rateNames, ratesFor, type Pricing, type Rates } from './pricing.ts'

/** Usage in OpenAI's and OpenRouter's fields, as `chat.ts` has it. */
export type UsageFields = Readonly<Record<string, unknown>>

/** What a call is billed for; `completion` is what is not `reasoning` of another price. */
export const costLines = [
  'prompt',
  'cache_read',
  'cache_write',
  'completion',
  'reasoning',
  'request',
  'web_search',
] as const
export type CostLine = (typeof costLines)[number]

export interface Cost {
  /** The sum of the lines. */
  readonly total: Nanos
  /** Each rounded up; what nothing was billed for is left out. */
  readonly lines: Readonly<Partial<Record<CostLine, Nanos>>>
}

const fieldsOf = (value: unknown): UsageFields =>
  typeof value === 'object' && value !== null ? (value as UsageFields) : {}

const count = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0

/** So many tokens at one rate, on one line. */
type Share = readonly [line: CostLine, tokens: number, rate: number | undefined]

/** Parts of a whole that a provider counts; together never more than it. */
const within = (whole: number) => {
  let left = whole
  return {
    take(part: unknown): number {
      const taken = Math.min(count(part), left)
      left -= taken
      return taken
    },
    rest: () => left,
  }
}

const promptShares = (usage: UsageFields, rates: Rates): readonly Share[] => {
  const details = fieldsOf(usage.prompt_tokens_details)
  const prompt = within(count(usage.prompt_tokens))
  const read = prompt.take(details.cached_tokens)
  const written = within(prompt.take(details.cache_write_tokens))
  const hour = written.take(details.cache_write_1h_tokens)
  const write = rates.input_cache_write ?? rates.prompt
  // who asks a price of its own for writing asks another one to keep it for an hour
  const hourly = rates.input_cache_write === undefined ? rates.prompt : undefined
  return [
    ['cache_read', read, rates.input_cache_read ?? rates.prompt],
    ['cache_write', hour, rates.input_cache_write_1h ?? hourly],
    ['cache_write', written.rest(), write],
    ['prompt', prompt.take(details.audio_tokens), rates.audio ?? rates.prompt],
    ['prompt', prompt.take(details.image_tokens), rates.image_token ?? rates.prompt],
    ['prompt', prompt.rest(), rates.prompt],
  ]
}

/** Some count the reasoning beside the answer: there the total is more than prompt and answer. */
const besides = (usage: UsageFields, reasoning: number): number => {
  const told = count(usage.prompt_tokens) + count(usage.completion_tokens)
  return Math.min(reasoning, Math.max(0, count(usage.total_tokens) - told))
}

const completionShares = (usage: UsageFields, rates: Rates): readonly Share[] => {
  const details = fieldsOf(usage.completion_tokens_details)
  const beside = besides(usage, count(details.reasoning_tokens))
  const completion = within(count(usage.completion_tokens) + beside)
  const reasoning = completion.take(details.reasoning_tokens)
  const apart = rates.internal_reasoning
  return [
    [apart === undefined ? 'completion' : 'reasoning', reasoning, apart ?? rates.completion],
    ['completion', completion.take(details.audio_tokens), rates.audio_output ?? rates.completion],
    ['completion', completion.take(details.image_tokens), rates.image_output ?? rates.completion],
    ['completion', completion.rest(), rates.completion],
  ]
}

const searchesOf = ({ server_tool_use, server_tool_use_details: details }: UsageFields): number =>
  count(fieldsOf(server_tool_use).web_search_requests) ||
  count(fieldsOf(details).web_search_requests)

const isKnown = ({ prompt_tokens, completion_tokens }: UsageFields): boolean =>
  typeof prompt_tokens === 'number' || typeof completion_tokens === 'number'

const nothing: Cost = { total: 0, lines: {} }

/** Whether nothing of all that is priced costs anything; free words may come with images that are not. */
const costsNothing = (pricing: Pricing): boolean =>
  isFree(pricing) &&
  [pricing, ...(pricing.overrides ?? [])].every((rates) => rateNames.every((name) => !rates[name]))

/**
 * What a call has cost. Undefined, which is unpriced and never 0, where a price of something that was used is not
 * known, or nothing is known of what was used.
 * @param at when it was sent
 */
export const costOf = (
  usage: UsageFields | null | undefined,
  pricing: Pricing | undefined,
  at: Date,
): Cost | undefined => {
  if (!pricing) return undefined
  if (costsNothing(pricing)) return nothing
  if (!usage || !isKnown(usage)) return undefined
  const rates = ratesFor(pricing, count(usage.prompt_tokens), at)
  const exact = new Map<CostLine, Exact>()
  const add = (line: CostLine, amount: Exact) =>
    void (amount > 0n && exact.set(line, (exact.get(line) ?? 0n) + amount))

  for (const [line, tokens, rate] of [
    ...promptShares(usage, rates),
    ...completionShares(usage, rates),
  ]) {
    if (tokens === 0) continue
    if (rate === undefined) return undefined
    add(line, ofTokens(tokens, rate))
  }
  const searches = searchesOf(usage)
  if (searches > 0 && rates.web_search === undefined) return undefined
  add('web_search', ofEach(searches, rates.web_search ?? 0))
  add('request', ofEach(1, rates.request ?? 0))
  const lines = [...exact].map(([line, amount]) => [line, roundedUp(amount)] as const)
  return {
    total: lines.reduce((sum, [, nanos]) => sum + nanos, 0),
    lines: Object.fromEntries(lines),
  }
}
