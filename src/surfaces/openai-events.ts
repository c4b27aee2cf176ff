import type { Chunk } from '../chat.ts'
import type { Batch } from '../stream.ts'
import { eventText } from '../kept.ts'
import { complete } from './openai-chunk.ts'
import { toOpenAIError } from './openai-error.ts'
import { withoutNulls } from './openrouter-nulls.ts'
import type { EventWriter, Wire } from './surface.ts'

const event = (text: string): string => `data: ${text}\n\n`
const decoder = new TextDecoder()

/** A whole answer as the pieces of a stream: the role, what was said, the finish, the usage. */
const piecesOf = (chunk: Chunk): Chunk[] => {
  const { choices = [], usage, ...rest } = chunk
  const base = { ...rest, object: 'chat.completion.chunk' }
  const roles = choices.map(({ index, delta }) => ({
    index,
    delta: { role: delta?.role ?? 'assistant', content: '' },
    finish_reason: null,
  }))
  const said = choices.map((choice) => {
    const { role: _role, ...delta } = choice.delta ?? {}
    const tool_calls = delta.tool_calls?.map((call, index) => ({ index, ...call }))
    return {
      ...choice,
      delta: { ...delta, ...(tool_calls && { tool_calls }) },
      finish_reason: null,
    }
  })
  const finishes = choices.map(({ index, finish_reason }) => ({
    index,
    delta: {},
    finish_reason: finish_reason ?? null,
  }))
  return [
    { ...base, choices: roles },
    { ...base, choices: said },
    { ...base, choices: finishes },
    ...(usage ? [{ ...base, choices: [], usage }] : []),
  ]
}

/** The same for the legacy format, where a piece looks like the whole. */
const textPiecesOf = (chunk: Chunk): Chunk[] => {
  const { usage, ...rest } = chunk
  return usage && chunk.choices?.length ? [rest, { ...rest, choices: [], usage }] : [chunk]
}

const pieces = (chunk: Chunk): Chunk[] => {
  if (chunk.object === 'chat.completion') return piecesOf(chunk)
  return chunk.object === 'text_completion' ? textPiecesOf(chunk) : [chunk]
}

/** OpenAI's stream of chunks, which ends with `[DONE]` also after an error. */
export const openAIEvents = (wire: Wire): EventWriter => {
  const nothing = () => (seen.object === 'text_completion' ? { text: '' } : { delta: {} })
  const began = Math.floor(Date.now() / 1_000)
  let seen: Chunk = { id: wire.id, created: began }
  let named = false
  const made = (chunk: Chunk): Chunk => {
    const model = seen.model ?? wire.model
    return complete(chunk, {
      id: seen.id ?? wire.id,
      created: seen.created ?? began,
      ...(model !== undefined && { model }),
    })
  }
  const said = (batch: Batch): string | Uint8Array => {
    const ours = batch.format === undefined || batch.format === 'openai'
    const { bytes, framed } = ours ? batch : {}
    if (!named && batch.chunks[0]) {
      named = true
      seen = batch.chunks[0]
    }
    if (bytes) return bytes
    if (framed !== undefined) return framed
    if (batch.plain !== undefined) {
      const delta = { content: batch.plain }
      return event(JSON.stringify(made({ choices: [{ index: 0, delta, finish_reason: null }] })))
    }
    return batch.chunks
      .flatMap(pieces)
      .map((chunk) => event(eventText(chunk, made)))
      .join('')
  }
  const strictly = wire.codes === 'status'
  return {
    batch(batch) {
      const text = said(batch)
      if (!strictly) return text
      return withoutNulls(typeof text === 'string' ? text : decoder.decode(text))
    },
    end: () => event('[DONE]'),
    error: (error) =>
      event(
        JSON.stringify({
          id: seen.id ?? wire.id,
          object: seen.object === 'text_completion' ? seen.object : 'chat.completion.chunk',
          created: seen.created ?? began,
          model: seen.model ?? wire.model ?? '',
          choices: [{ index: 0, ...nothing(), finish_reason: 'error' }],
          ...toOpenAIError(error, wire),
        }),
      ) + event('[DONE]'),
  }
}
