import type { Fields } from '../../fields.ts'
import type { Choice, Chunk, Usage } from '../../chat.ts'
import { toUsageMetadata } from '../../formats/gemini/usage.ts'
import { keptIn } from '../../kept.ts'
import type { EventWriter, Wire } from '../surface.ts'
import { tailOf } from './answer.ts'
import { beside, createCandidate, type Candidate } from './candidate.ts'
import { toGeminiError } from './error.ts'
import { changedWords } from './last-words.ts'
import { showsThoughts } from './thoughts.ts'

/** Server-sent events with `alt=sse`; without it one JSON array, which grows. */
const framing = (wire: Wire) => {
  const array = wire.place?.query.get('alt') !== 'sse'
  let begun = false
  return {
    array,
    frame(text: string): string {
      if (!array) return `data: ${text}\n\n`
      const before = begun ? ',\r\n' : '['
      begun = true
      return before + text
    },
    close: (): string => {
      if (!array) return ''
      return begun ? ']' : '[]'
    },
  }
}

/** Gemini's stream of answers, each of which adds to the one before; the last has the finish and the usage. */
export const geminiEvents = (wire: Wire): EventWriter => {
  const { array, frame, close } = framing(wire)
  const shows = showsThoughts(wire.call)
  const single = (wire.call?.request.n ?? 1) === 1
  const candidates = new Map<number, Candidate>()
  let tail: Fields = {}
  let head = ''
  let foot = ''
  let usage: Usage | undefined
  let complete = false

  const begin = (chunk: Chunk | undefined) => {
    tail = tailOf(chunk, wire.id, wire.model)
    head = '{"candidates":[{"content":{"parts":[{"text":'
    foot = `}],"role":"model"},"index":0}],${JSON.stringify(tail).slice(1)}`
  }

  const candidate = (index: number): Candidate => {
    const known = candidates.get(index) ?? createCandidate(shows)
    candidates.set(index, known)
    return known
  }

  const finished = (): boolean =>
    candidates.size > 0 && [...candidates.values()].every(({ finish }) => finish)

  /** All that is left to say. */
  const last = (said: ReadonlyMap<number, readonly Fields[]>, more: Fields = {}): string => {
    complete = true
    if (candidates.size === 0) candidate(0)
    const all = [...candidates].map(([index, one]) => ({
      content: { parts: [...(said.get(index) ?? []), ...one.rest()], role: 'model' },
      ...(one.finish ?? { finishReason: 'STOP' }),
      index,
      ...more,
    }))
    const counted = usage && { usageMetadata: toUsageMetadata(usage) }
    const filled = all.map((one) =>
      one.content.parts.length > 0
        ? one
        : { ...one, content: { ...one.content, parts: [{ text: '' }] } },
    )
    return frame(JSON.stringify({ candidates: filled, ...counted, ...tail }))
  }

  /** These candidates were finished in the provider's own words. */
  const settle = (choices: readonly Choice[]) => {
    for (const { index, finish_reason } of choices) if (finish_reason) candidates.delete(index)
    if (choices.some(({ finish_reason }) => finish_reason)) complete = candidates.size === 0
  }

  const write = (chunk: Chunk): string => {
    if (complete && !chunk.choices?.some(({ finish_reason }) => finish_reason)) return ''
    const waits = [...candidates.values()].some((one) => one.waits)
    const changed = waits ? undefined : changedWords(chunk, wire, false)
    if (changed !== undefined) {
      settle(chunk.choices ?? [])
      return frame(changed)
    }
    if (complete) return ''
    if (chunk.usage) usage = chunk.usage
    const said = new Map<number, readonly Fields[]>()
    let more: Fields = {}
    for (const choice of chunk.choices ?? []) {
      if (single && choice.index !== 0) continue
      const parts = candidate(choice.index).push(choice)
      said.set(choice.index, [...(said.get(choice.index) ?? []), ...parts])
      if (choice.logprobs) more = beside(choice)
    }
    if (usage && finished()) return last(said, more)
    const pieces = [...said].flatMap(([index, parts]) =>
      parts.length > 0 ? [{ content: { parts, role: 'model' }, index, ...more }] : [],
    )
    return pieces.length > 0 ? frame(JSON.stringify({ candidates: pieces, ...tail })) : ''
  }

  const pass = (chunk: Chunk): string => {
    const kept = keptIn(chunk, 'gemini')
    if (!kept) return write(chunk)
    settle(chunk.choices ?? [])
    return frame(kept.whole ? JSON.stringify(JSON.parse(kept.text)) : kept.text)
  }

  return {
    batch(batch) {
      if (head === '') begin(batch.chunks[0])
      if (batch.format === 'gemini') {
        const { plain, bytes, framed } = batch
        const written = plain !== undefined && !array ? '' : batch.chunks.map(pass).join('')
        return array ? written : (bytes ?? framed ?? written)
      }
      if (batch.plain !== undefined && single && !complete) {
        const one = candidate(0)
        const parts = one.push({ index: 0, delta: { content: batch.plain } })
        if (parts.length === 1) return frame(head + JSON.stringify(batch.plain) + foot)
        return frame(
          JSON.stringify({
            candidates: [{ content: { parts, role: 'model' }, index: 0 }],
            ...tail,
          }),
        )
      }
      return batch.chunks.map(pass).join('')
    },
    end: () => (complete ? '' : last(new Map())) + close(),
    error: (error) => frame(JSON.stringify(toGeminiError(error, wire))) + (array ? ']' : ''),
    // a comment would end the stream for the SDK's older versions, white space does not
    silence: () => '\n',
  }
}
