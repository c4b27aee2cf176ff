import type { Fields } from '../../fields.ts'
import { attempts, type Chunk, type Delta, type ToolCall, type Usage } from '../../chat.ts'
import { nanoseconds, toDoneReason } from '../../formats/ollama.ts'
import type { EventWriter, Wire } from '../surface.ts'
import { toOllamaError } from './error.ts'
import { countOf } from '../../formats/unchecked.ts'
import { soundDelta } from '../../formats/sound.ts'

/** What one line of an answer adds, in the fields of the kind of question. */
export type Shape = (content: string, thinking: string, calls: readonly Fields[]) => Fields

export const asMessage: Shape = (content, thinking, calls) => ({
  message: {
    role: 'assistant',
    content,
    ...(thinking !== '' && { thinking }),
    ...(calls.length > 0 && { tool_calls: calls }),
  },
})

export const asResponse: Shape = (response, thinking) => ({
  response,
  ...(thinking !== '' && { thinking }),
})

/** Arguments are an object; what is none is kept under a name. */
const toArguments = (text: string): unknown => {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch {
    // not every model writes JSON
  }
  return { input: text }
}

const toCalls = (calls: readonly ToolCall[]): Fields[] =>
  calls.map(({ id, function: called, custom }, index) => {
    const { name, input } = (custom ?? {}) as { readonly name?: string; readonly input?: string }
    return {
      ...(id !== undefined && { id }),
      function: {
        index,
        name: called?.name ?? name ?? '',
        arguments: input === undefined ? toArguments(called?.arguments ?? '') : { input },
      },
    }
  })

const thinkingOf = ({ reasoning, reasoning_content }: Delta): string =>
  reasoning ?? reasoning_content ?? ''

const spokenOf = ({ content, refusal }: Delta): string => (content ?? '') + (refusal ?? '')

const named = ({ model = '' }: Wire): Fields => ({ model, created_at: new Date().toISOString() })

/** How long it took, and the tokens. */
const figures = (began: number, spokeAt: number | undefined, usage?: Usage | null): Fields => {
  const now = performance.now()
  const spoke = spokeAt ?? now
  return {
    total_duration: nanoseconds(now - began),
    load_duration: 0,
    prompt_eval_count: countOf(usage?.prompt_tokens),
    prompt_eval_duration: nanoseconds(spoke - began),
    eval_count: countOf(usage?.completion_tokens),
    eval_duration: nanoseconds(now - spoke),
  }
}

/** Milliseconds that providers took. */
const waited = ({ call }: Wire): number =>
  call?.vars.get(attempts).reduce((sum, { ms }) => sum + ms, 0) ?? 0

export const toWhole =
  (shape: Shape) =>
  (chunk: Chunk, wire: Wire): string => {
    const choice = chunk.choices?.find(({ index }) => index === 0) ?? chunk.choices?.[0]
    const delta = soundDelta(choice?.delta)
    return JSON.stringify({
      ...named(wire),
      ...shape(spokenOf(delta), thinkingOf(delta), toCalls(delta.tool_calls ?? [])),
      done: true,
      done_reason: toDoneReason(choice?.finish_reason),
      ...figures(performance.now() - waited(wire), undefined, chunk.usage),
    })
  }

const line = (value: Fields): string => `${JSON.stringify(value)}\n`

const merged = (known: ToolCall | undefined, more: ToolCall): ToolCall => ({
  ...known,
  ...more,
  id: known?.id ?? more.id ?? '',
  function: {
    name: known?.function?.name || more.function?.name || '',
    arguments: (known?.function?.arguments ?? '') + (more.function?.arguments ?? ''),
  },
})

/** A stream of lines, the last of which is `done`; calls of tools come whole, before it. */
export const toLines =
  (shape: Shape) =>
  (wire: Wire): EventWriter => {
    const began = performance.now()
    const calls = new Map<number, ToolCall>()
    let spokeAt: number | undefined
    let finish: string | undefined
    let usage: Usage | undefined

    const added = (content: string, thinking: string): string => {
      if (content === '' && thinking === '') return ''
      spokeAt ??= performance.now()
      return line({ ...named(wire), ...shape(content, thinking, []), done: false })
    }

    const said = (chunk: Chunk): string => {
      if (chunk.usage) usage = chunk.usage
      let text = ''
      for (const { index, delta: given, finish_reason } of chunk.choices ?? []) {
        if (index !== 0) continue
        const delta = soundDelta(given)
        text += added(spokenOf(delta), thinkingOf(delta))
        delta.tool_calls?.forEach((call, at) => {
          const place = call.index ?? at
          calls.set(place, merged(calls.get(place), call))
        })
        if (finish_reason) finish = finish_reason
      }
      return text
    }

    return {
      batch: ({ plain, chunks }) =>
        plain === undefined ? chunks.map(said).join('') : added(plain, ''),
      end() {
        const made = toCalls(
          [...calls].sort(([one], [other]) => one - other).map(([, call]) => call),
        )
        const called =
          made.length > 0 ? line({ ...named(wire), ...shape('', '', made), done: false }) : ''
        const last = {
          ...named(wire),
          ...shape('', '', []),
          done: true,
          done_reason: toDoneReason(finish),
          ...figures(began, spokeAt, usage),
        }
        return called + line(last)
      },
      error: (error) => line(toOllamaError(error)),
      silence: () => line({ ...named(wire), ...shape('', '', []), done: false }),
    }
  }
