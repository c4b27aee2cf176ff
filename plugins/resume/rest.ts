import { estimateTokens, type Chunk, type Delta, type Usage } from 'sluice/plugin'

/**
 * Drops what the white space before the seam already says: the end of the beginning was sent without it, and whoever goes
 * on will mostly say it again.
 */
export const createSeam = (space: string) => {
  let left = space
  return (text: string): string => {
    let at = 0
    while (at < text.length && at < left.length && text[at] === left[at]) at++
    left = at === text.length ? left.slice(at) : ''
    return text.slice(at)
  }
}

/** What a chunk of the rest adds to the one answer: text, its end, and no second beginning. */
export const toPiece = (
  { choices = [] }: Chunk,
  head: Chunk,
  join: (text: string) => string,
): Chunk | undefined => {
  const choice = choices.find(({ index }) => index === 0)
  if (!choice) return undefined
  const { delta = {}, finish_reason = null, native_finish_reason } = choice
  const content = typeof delta.content === 'string' ? join(delta.content) : ''
  const said: Delta = {
    ...(content !== '' && { content }),
    ...(delta.refusal && { refusal: delta.refusal }),
    ...(Array.isArray(delta.annotations) && { annotations: delta.annotations }),
  }
  if (Object.keys(said).length === 0 && !finish_reason) return undefined
  return {
    ...head,
    object: 'chat.completion.chunk',
    choices: [
      {
        index: 0,
        delta: said,
        finish_reason,
        ...(finish_reason && native_finish_reason !== undefined && { native_finish_reason }),
      },
    ],
  }
}

/** A part of an answer that broke off. */
export interface Broken {
  /** The answer before it, and what it said itself. */
  readonly before: string
  readonly text: string
  /** As far as the provider had told it. */
  readonly usage: Usage | undefined
}

/** What all parts have cost, plainly added; the broken ones, whose end nobody told, as estimated. */
export const sumOf = (broken: readonly Broken[], told: string, rest: Usage): Usage => {
  const asked = Math.max(0, rest.prompt_tokens - estimateTokens(told))
  let prompt_tokens = rest.prompt_tokens
  let completion_tokens = rest.completion_tokens ?? 0
  for (const { before, text, usage } of broken) {
    prompt_tokens += usage?.prompt_tokens ?? asked + estimateTokens(before)
    completion_tokens += Math.max(usage?.completion_tokens ?? 0, estimateTokens(text))
  }
  const total_tokens = prompt_tokens + completion_tokens
  return { ...rest, prompt_tokens, completion_tokens, total_tokens, estimated: true }
}
