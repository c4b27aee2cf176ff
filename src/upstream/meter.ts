import { hasContent, type Call, type Chunk, type Endpoint, type Usage } from '../chat.ts'
import type { StreamEnd } from '../dialects/dialect.ts'
import { GatewayError } from '../errors.ts'
import { prepend } from '../json.ts'
import { eventText, keepText, keptIn, keptOf, lastWords, wholeText } from '../kept.ts'
import { type Batch } from '../stream.ts'
import { estimateUsage, exceeds, isPlausible, said } from './estimate.ts'

/** Finishes that may stand without any content. */
const silentFinishes = new Set(['length', 'content_filter', 'tool_calls'])

const isEmpty = (finishes: Iterable<string>, usage: Usage | undefined): boolean =>
  !(Number(usage?.completion_tokens) > 0) &&
  ![...finishes].some((finish) => silentFinishes.has(finish))

/** The chunk with who served it, its other bytes untouched. */
const withProvider = (chunk: Chunk, provider: string, whole?: string): Chunk => {
  if (chunk.provider !== undefined) return chunk
  if (!keptIn(chunk, 'openai')) return { provider, ...chunk }
  const text = prepend(whole ?? eventText(chunk), 'provider', provider)
  return keepText({ provider, ...chunk }, text, whole !== undefined)
}

const believed = (call: Call, usage: Usage | null | undefined, answer: string): Usage => {
  if (!usage || !isPlausible(usage, answer)) return estimateUsage(call.request, answer)
  const { prompt_tokens, completion_tokens = 0, total_tokens }: Partial<Usage> = usage
  return total_tokens === undefined
    ? { ...usage, total_tokens: Number(prompt_tokens) + completion_tokens }
    : usage
}

/** The provider's events go to a client that speaks its format: they are followed, and not one is changed. */
export interface Alike {
  readonly alike?: boolean
}

/** A whole answer with its provider and a usage to believe. Throws `upstream_empty_response` for nothing. */
export const meterWhole = (
  batch: Batch,
  call: Call,
  { provider }: Endpoint,
  { alike = false }: Alike = {},
): Batch => ({
  chunks: batch.chunks.map((chunk) => {
    call.vars.set(lastWords, keptOf(chunk))
    if (!chunk.choices) return alike ? chunk : withProvider(chunk, provider, wholeText(chunk))
    const finishes = chunk.choices.map(({ finish_reason }) => finish_reason ?? '')
    if (!hasContent(chunk) && isEmpty(finishes, chunk.usage ?? undefined))
      throw new GatewayError('upstream_empty_response')
    const usage = believed(call, chunk.usage, chunk.choices.map(said).join(''))
    if (usage !== chunk.usage) return { provider, ...chunk, usage }
    return alike ? chunk : withProvider(chunk, provider, wholeText(chunk))
  }),
})

/** Follows one stream. */
export interface Meter {
  /** What goes on of a batch; with `over`, the answer was cut and ends with it. */
  push(batch: Batch): { readonly batches: readonly Batch[]; readonly over: boolean }
  /** What the end adds. Throws `upstream_empty_response` and `upstream_disconnected`. */
  end(how: StreamEnd): readonly Batch[]
}

/**
 * Follows a stream without changing what it says. It names the provider at the beginning, moves the usage to one last
 * chunk without choices, counts it where the provider did not, cuts what runs far beyond `max_tokens`, and never lets
 * a truncated or empty answer pass for a complete one.
 */
export const createMeter = (
  call: Call,
  { provider }: Endpoint,
  { alike = false }: Alike = {},
): Meter => {
  const { max_tokens, max_completion_tokens, n } = call.request
  const limit = (max_completion_tokens ?? max_tokens ?? Infinity) * (n ?? 1)
  const finishes = new Map<number, string>()
  let spoken = false
  let answer = ''
  let usage: Usage | undefined
  let trailing: Chunk | undefined
  let first: Chunk | undefined

  /** What goes on of a chunk; nothing of one that only brings the usage. */
  const follow = (chunk: Chunk): Chunk | undefined => {
    first ??= chunk
    for (const choice of chunk.choices ?? []) {
      answer += said(choice)
      if (choice.finish_reason) finishes.set(choice.index, choice.finish_reason)
      else if (!finishes.has(choice.index)) finishes.set(choice.index, '')
    }
    if (chunk.choices?.some(({ finish_reason }) => finish_reason))
      call.vars.set(lastWords, keptOf(chunk))
    if (chunk.usage) usage = chunk.usage
    if (alike) {
      spoken ||= hasContent(chunk)
      return chunk
    }
    // an event of another format that says nothing here
    if (chunk.choices?.length === 0 && !chunk.usage && keptOf(chunk)?.format !== 'openai')
      return undefined
    let kept = chunk
    if (chunk.usage) {
      if (!chunk.choices?.length) {
        trailing = chunk
        return undefined
      }
      const { usage: _moved, ...rest } = chunk
      kept = rest
    }
    if (spoken) return kept
    spoken = hasContent(kept)
    return withProvider(kept, provider)
  }

  const unfinished = () =>
    [...finishes].filter(([, finish]) => finish === '').map(([index]) => index)

  const last = (): Batch => {
    const settled = believed(call, usage, answer)
    if (trailing && settled === trailing.usage)
      return { chunks: [withProvider(trailing, provider)] }
    const { id, object, created, model } = first ?? {}
    const named = { id, provider, object, created, model }
    return { chunks: [{ ...(named as Chunk), choices: [], usage: settled }] }
  }

  const cut = (): readonly Batch[] => {
    const choices = unfinished().map((index) => ({ index, delta: {}, finish_reason: 'length' }))
    usage = undefined
    return [{ chunks: [{ ...first, usage: null, choices }] }, last()]
  }

  return {
    push(batch) {
      let passed = batch
      if (spoken && batch.plain !== undefined) answer += batch.plain
      else {
        const chunks = batch.chunks.map(follow)
        const same = chunks.every((chunk, at) => chunk === batch.chunks[at])
        if (!same) passed = { chunks: chunks.filter((chunk) => chunk !== undefined) }
      }
      const over = limit < Infinity && exceeds(answer, limit)
      return { batches: over ? [passed, ...cut()] : [passed], over }
    },
    end(how) {
      if (!spoken && isEmpty(finishes.values(), usage))
        throw new GatewayError('upstream_empty_response')
      if (how === 'eof' && (finishes.size === 0 || unfinished().length > 0))
        throw new GatewayError('upstream_disconnected')
      return alike && believed(call, usage, answer) === usage ? [] : [last()]
    },
  }
}

/**
 * A metered stream.
 * @param cut stops the provider
 */
export async function* meterStream(
  batches: AsyncGenerator<Batch, StreamEnd>,
  call: Call,
  endpoint: Endpoint,
  cut: () => void = () => undefined,
  alike: Alike = {},
): AsyncGenerator<Batch> {
  const meter = createMeter(call, endpoint, alike)
  try {
    for (;;) {
      const { done, value } = await batches.next()
      const { batches: passed, over } = done
        ? { batches: meter.end(value), over: true }
        : meter.push(value)
      if (over && !done) cut()
      for (const batch of passed) yield batch
      if (over) return
    }
  } finally {
    await batches.return('eof')
  }
}
