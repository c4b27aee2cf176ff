import type { Choice, Chunk } from '../chat.ts'
import { keptIn } from '../kept.ts'
import type { Batch } from '../stream.ts'
import { toOpenAIError } from './openai-error.ts'
import { createChoices } from './openai/choices.ts'
import { createNames } from './openai/names.ts'
import { pieces } from './openai/pieces.ts'
import { withoutNulls } from './openrouter-nulls.ts'
import type { EventWriter, Wire } from './surface.ts'

const event = (text: string): string => `data: ${text}\n\n`
const decoder = new TextDecoder()

/** What all chunks of a stream have. */
const common = new Set(['id', 'object', 'created', 'model', 'choices'])

const legacy = (choice: Choice): Choice => ({
  ...choice,
  finish_reason: choice.finish_reason ?? null,
})

/**
 * OpenAI's stream of chunks, which ends with `[DONE]` also after an error. What is the provider's own is written as it
 * came; all else so that clients can rely on it, whatever it was made of.
 */
export const openAIEvents = (wire: Wire): EventWriter => {
  const names = createNames(wire)
  const choices = createChoices()
  /** What came with the ends that wait. */
  let rest: Chunk = {}
  let usage: Chunk | undefined
  let counted = false
  let head = ''

  const headOf = (chunk: Chunk): string =>
    (head ||= `data: ${JSON.stringify(names.of(chunk)).slice(0, -1)}`)

  /** A chunk with the names of all; written by hand, as little else is done so often. */
  const write = (chunk: Chunk, told: readonly Choice[]): string => {
    let text = headOf(chunk)
    for (const field in chunk) {
      if (common.has(field)) continue
      const value = JSON.stringify(chunk[field])
      if (value !== undefined) text += `,${JSON.stringify(field)}:${value}`
    }
    return `${text},"choices":${JSON.stringify(told)}}\n\n`
  }

  const ends = (all: boolean): string => {
    const lists = choices.end(all)
    const text = lists.map((list) => write(list === lists.at(-1) ? rest : {}, list)).join('')
    if (lists.length > 0) rest = {}
    return text
  }

  const asCame = (chunk: Chunk, text = ''): string => {
    const counts = Boolean(chunk.usage)
    const before = counts && !chunk.choices?.length ? ends(false) : ''
    names.follow(chunk)
    choices.follow(chunk)
    counted ||= counts
    return before + text
  }

  const count = (chunk: Chunk): Chunk => {
    const { choices: came, usage: tokens = null, ...more } = chunk
    usage = { ...(!came?.length && more), usage: tokens }
    return { ...more, ...(came && { choices: came }) }
  }

  const made = (came: Chunk): string => {
    names.of(came)
    const chunk = came.usage ? count(came) : came
    const said = chunk.choices ?? []
    if (said.length === 0) return came.usage ? '' : write(chunk, said)
    if (names.legacy) return write(chunk, said.map(legacy))
    const told: Choice[] = []
    for (const choice of said) {
      const one = choices.say(choice)
      if (one) told.push(one)
    }
    if (told.length > 0) return write(chunk, told)
    rest = { ...rest, ...chunk }
    return ''
  }

  const chunkText = (chunk: Chunk): string => {
    const kept = keptIn(chunk, 'openai')
    if (kept && !kept.whole) return asCame(chunk, event(kept.text))
    return pieces(chunk).map(made).join('')
  }

  const plainText = (content: string): string => {
    if (!choices.isOpen(0))
      return made({ choices: [{ index: 0, delta: { content }, finish_reason: null }] })
    return `${headOf({})},"choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"finish_reason":null}]}\n\n`
  }

  const said = (batch: Batch): string | Uint8Array => {
    const ours = batch.format === undefined || batch.format === 'openai'
    const came = ours ? (batch.bytes ?? batch.framed) : undefined
    if (batch.plain !== undefined) {
      if (came === undefined) return plainText(batch.plain)
      if (!choices.some) batch.chunks.forEach((chunk) => asCame(chunk))
      return came
    }
    if (came === undefined || choices.waiting) return batch.chunks.map(chunkText).join('')
    for (const chunk of batch.chunks) asCame(chunk)
    return came
  }

  const strictly = wire.codes === 'status'
  return {
    batch(batch) {
      const text = said(batch)
      if (!strictly) return text
      return withoutNulls(typeof text === 'string' ? text : decoder.decode(text))
    },
    end: () => ends(true) + (usage && !counted ? write(usage, []) : '') + event('[DONE]'),
    error(error) {
      const delta = choices.has(0) ? {} : { role: 'assistant' }
      const said = names.legacy ? { text: '' } : { delta }
      return (
        write(toOpenAIError(error, wire), [{ index: 0, ...said, finish_reason: 'error' }]) +
        event('[DONE]')
      )
    },
  }
}
