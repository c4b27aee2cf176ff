import { fold } from '../fold.ts'
import type { Chunk, Choice, Delta, Message, ToolCall, Usage } from '../chat.ts'
import { isNothing, isObject, listOf } from '../fields.ts'
import { textBatch, type Batch } from '../stream.ts'
import { createCalls } from './calls.ts'
import type { Told } from './told.ts'
import type { ServerTool } from './tool.ts'

/** A call of a tool of ours, as the model made it. */
export interface Requested {
  readonly id: string
  readonly tool: ServerTool
  /** As the model knows it. */
  readonly name: string
  readonly arguments: string
}

/** Finish reasons after which the last tool call may be cut off. */
const cutOff = new Set(['length', 'content_filter', 'error'])

/** A copy without symbols: the provider's own words would not be true of a part of it. */
const bare = <T extends object>(object: T): T => Object.fromEntries(Object.entries(object)) as T

const saysNothing = ({ delta = {}, finish_reason, logprobs }: Choice): boolean =>
  !finish_reason &&
  isNothing(logprobs) &&
  Object.entries(delta).every(([field, value]) => field === 'role' || isNothing(value))

/** Follows one answer of the model: what of it the client gets, and which tools of ours it called. */
export const createTurn = (told: Told, isOurs: (name: string) => boolean) => {
  /** Everything that the model said, to be told to it again. */
  const pieces: (Chunk | string)[] = []
  const calls = createCalls(isOurs, told.place)
  const later = told.some
  let changed = later
  let finish: string | undefined
  let usage: Usage | undefined
  let ending: Chunk | undefined

  const shown = (delta: Delta): Delta => {
    const { tool_calls, role, ...rest } = delta
    const placed = tool_calls?.map(calls.place)
    const kept = placed?.filter((call) => call !== undefined)
    if (placed?.some((call, at) => call !== tool_calls?.[at])) changed = true
    if (!changed) return delta
    return told.shown({
      ...bare(rest),
      ...(!later && role !== undefined && { role }),
      ...(kept && kept.length > 0 && { tool_calls: kept }),
    })
  }

  const show = (choice: Choice): Choice => {
    const delta = choice.delta && shown(choice.delta)
    return changed ? { ...bare(choice), ...(delta && { delta }) } : choice
  }

  const push = (chunk: Chunk): Chunk | undefined => {
    pieces.push(chunk)
    const choices = chunk.choices?.map(show)
    const [first] = choices ?? []
    if (chunk.usage) usage = chunk.usage
    if (first?.finish_reason) finish = first.finish_reason
    if (!changed) {
      told.note(chunk)
      return chunk
    }
    const { usage: _usage, ...rest } = bare(chunk)
    const named = told.named({ ...rest, ...(choices && { choices }) })
    if (first?.finish_reason) {
      // what follows is decided when the turn is over
      const { delta: _delta, logprobs: _logprobs, ...ended } = first
      ending = { ...named, choices: [{ ...ended, delta: {} }] }
      const said = { ...first, finish_reason: null, native_finish_reason: undefined }
      return saysNothing(said) ? undefined : { ...named, choices: [said] }
    }
    return first && !saysNothing(first) ? named : undefined
  }

  const pushText = (batch: Batch, plain: string): Batch => {
    const last = pieces.at(-1)
    if (typeof last === 'string') pieces[pieces.length - 1] = last + plain
    else pieces.push(plain)
    if (!changed) {
      told.noteText(plain)
      return batch
    }
    const { content = '' } = told.shown({ content: plain })
    return textBatch(content ?? '', () => [
      told.named({
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content }, finish_reason: null }],
      }),
    ])
  }

  const folded = (): Chunk =>
    pieces
      .map((piece): Chunk =>
        typeof piece === 'string' ? { choices: [{ index: 0, delta: { content: piece } }] } : piece,
      )
      .reduce((whole, piece) => fold(whole, piece), {})

  return {
    /** What the client gets of it; undefined for nothing. */
    push(batch: Batch): Batch | undefined {
      if (batch.plain !== undefined && told.begun) return pushText(batch, batch.plain)
      const chunks = batch.chunks.map(push)
      if (chunks.every((chunk, at) => chunk === batch.chunks[at])) return batch
      const kept = chunks.filter((chunk) => chunk !== undefined)
      return kept.length > 0 ? { chunks: kept } : undefined
    },
    get finish() {
      return finish
    },
    get usage() {
      return usage
    },
    /** Its end, which the client has not seen; where it was told of no call, it is none that waits for one. */
    get ending(): Chunk | undefined {
      const [choice] = ending?.choices ?? []
      const waits = choice?.finish_reason === 'tool_calls' && !calls.forClient
      return waits ? { ...ending, choices: [{ ...choice, finish_reason: 'stop' }] } : ending
    },
    /** Whether the client has been told that it calls tools of its own. */
    get callsClient() {
      return calls.forClient
    },
    /** Whether it calls tools of ours, and none of them is cut off in its middle. */
    get callsOurs() {
      return calls.forUs && !cutOff.has(finish ?? '')
    },
    /** Whether the client did not get it as it was. */
    get changed() {
      return changed
    },
    called: calls.called,
    /** The turn as the message that it was; calls without an id, or with one that was there before, get another. */
    message(ids: Set<string>): Message {
      const { delta = {} } = folded().choices?.[0] ?? {}
      const given = new Map<unknown, string>()
      const made = listOf(delta.tool_calls)
        .filter(isObject)
        .map(({ index: _index, ...call }): ToolCall => {
          const known = typeof call.id === 'string' && call.id !== '' && !ids.has(call.id)
          const id = known ? String(call.id) : `call_${crypto.randomUUID().replaceAll('-', '')}`
          ids.add(id)
          given.set(call.id, id)
          return { ...call, id }
        })
      const details = listOf(delta.reasoning_details).map((detail) =>
        isObject(detail) && given.has(detail.id) ? { ...detail, id: given.get(detail.id) } : detail,
      )
      return {
        ...delta,
        role: 'assistant',
        content: delta.content ?? null,
        ...(details.length > 0 && { reasoning_details: details }),
        tool_calls: made,
      }
    },
  }
}

export type Turn = ReturnType<typeof createTurn>
