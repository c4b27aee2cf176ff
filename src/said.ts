import type { Choice, Chunk, Delta, ToolCall } from './chat.ts'
import { isObject, listOf, type Fields } from './fields.ts'

/** Rewrites one run of streamed text: pieces in, pieces out, what it still holds back at the end. */
export interface TextMapper {
  push(text: string): string
  end(): string
}

/** Where in an answer a run of text stands. */
export interface Place {
  readonly field: string
  /** Which of the tool calls. */
  readonly tool?: number
  /** Which of the pieces of reasoning; a copy of the first of its run, without its text. */
  readonly detail?: Fields
}

type Said = Place & { readonly text: string }

const fields = ['content', 'reasoning', 'reasoning_content', 'refusal'] as const
const detailFields = ['text', 'summary'] as const

const idOf = ({ field, tool, detail }: Place): string =>
  detail ? `${field}/${String(detail.type)}/${String(detail.index)}` : `${field}/${tool ?? ''}`

const detailsOf = (delta: Delta | undefined): readonly Fields[] =>
  listOf(delta?.reasoning_details).filter(isObject)

const isOf = (detail: Fields, known: Fields): boolean =>
  detail.type === known.type && detail.index === known.index

/** A piece of a thought that says nothing (any more) is none. */
const isEmpty = ({ text, summary, signature, data }: Fields): boolean =>
  !text && !summary && !signature && !data

const withDetail = (delta: Delta, field: string, known: Fields, text: string): Delta => {
  const details = detailsOf(delta)
  const at = details.findIndex((detail) => isOf(detail, known))
  // what belongs to an earlier thought comes before what begins here
  if (at === -1) return { ...delta, reasoning_details: [{ ...known, [field]: text }, ...details] }
  const changed = { ...details[at], [field]: text }
  const rest = isEmpty(changed) ? details.toSpliced(at, 1) : details.with(at, changed)
  const { reasoning_details: _, ...others } = delta
  return rest.length > 0 ? { ...delta, reasoning_details: rest } : others
}

const withTool = (delta: Delta, field: string, tool: number, text: string): Delta => {
  const calls = delta.tool_calls ?? []
  const known = calls.some((call, at) => (call.index ?? at) === tool)
  const edit = (call: ToolCall): ToolCall =>
    field === 'input'
      ? { ...call, custom: { ...call.custom, input: text } }
      : { ...call, function: { ...call.function, arguments: text } }
  // what belongs to an earlier call comes before what begins here
  const tool_calls = known
    ? calls.map((call, at) => ((call.index ?? at) === tool ? edit(call) : call))
    : [edit({ index: tool }), ...calls]
  return { ...delta, tool_calls }
}

const withText = ({ field, tool, detail }: Place, choice: Choice, text: string): Choice => {
  if (field === 'text' && !detail) return { ...choice, text }
  const delta = choice.delta ?? {}
  if (detail) return { ...choice, delta: withDetail(delta, field, detail, text) }
  if (tool !== undefined) return { ...choice, delta: withTool(delta, field, tool, text) }
  return { ...choice, delta: { ...delta, [field]: text } }
}

const bare = ({ text: _text, summary: _summary, signature: _signature, ...rest }: Fields): Fields =>
  rest

const textsIn = (choice: Choice): Said[] => {
  const found: Said[] = []
  if (choice.text) found.push({ field: 'text', text: choice.text })
  for (const field of fields) {
    const text = choice.delta?.[field]
    if (text) found.push({ field, text })
  }
  for (const detail of detailsOf(choice.delta))
    for (const field of detailFields) {
      const text = detail[field]
      if (typeof text === 'string' && text) found.push({ field, detail: bare(detail), text })
    }
  choice.delta?.tool_calls?.forEach((call, at) => {
    const tool = call.index ?? at
    if (call.function?.arguments)
      found.push({ field: 'arguments', tool, text: call.function.arguments })
    if (call.custom?.input) found.push({ field: 'input', tool, text: call.custom.input })
  })
  return found
}

/** The tool calls that a chunk names, which is how a call begins. */
const namedIn = ({ delta }: Choice): readonly number[] =>
  (delta?.tool_calls ?? []).flatMap((call, at) =>
    call.function?.name || call.custom?.name ? (call.index ?? at) : [],
  )

const isThought = ({ field, detail }: Place): boolean =>
  detail !== undefined || field.startsWith('reasoning')

/** Whether the chunk begins another thought than that. */
const isOver = ({ delta }: Choice, { detail }: Place): boolean =>
  detail !== undefined && detailsOf(delta).some((one) => !isOf(one, detail))

const isSigned = ({ delta }: Choice): boolean =>
  detailsOf(delta).some(({ signature }) => Boolean(signature))

interface Run {
  readonly place: Place
  readonly choice: number
  readonly mapper: TextMapper
}

/** Rewrites an answer chunk by chunk. */
export interface AnswerMapper {
  /** The chunk itself where nothing of it changes. */
  map(chunk: Chunk): Chunk
  /** What was still held back, as a chunk of its own. */
  end(): Chunk | undefined
}

/**
 * Rewrites the text of an answer across chunk boundaries: one mapper for each choice and each kind of text
 * (content, reasoning and its details, refusal, each tool call's arguments). What a mapper holds back comes out before
 * a thought is signed, before the content after reasoning, before the next tool call, and before the finish: formats of
 * blocks have no way back into one.
 */
export const createAnswerMapper = (create: (place: Place) => TextMapper): AnswerMapper => {
  const runs = new Map<string, Run>()
  const begun = new Set<string>()
  let last: Chunk | undefined

  const settle = (choice: Choice, which: (place: Place) => boolean = () => true): Choice => {
    let settled = choice
    for (const [id, run] of runs) {
      if (run.choice !== choice.index || !which(run.place)) continue
      runs.delete(id)
      const rest = run.mapper.end()
      if (!rest) continue
      const now = textsIn(settled).find((said) => idOf(said) === idOf(run.place))
      settled = withText(run.place, settled, (now?.text ?? '') + rest)
    }
    return settled
  }

  const mapChoice = (choice: Choice): Choice => {
    let mapped = choice
    for (const tool of namedIn(choice)) {
      const id = `${choice.index}/${tool}`
      if (!begun.has(id)) mapped = settle(mapped)
      begun.add(id)
    }
    if (runs.size > 0) mapped = settle(mapped, (place) => isOver(choice, place))
    for (const { text, ...place } of textsIn(choice)) {
      const id = `${choice.index}/${idOf(place)}`
      const before = runs.get(id)
      if (!before && place.field === 'content') mapped = settle(mapped, isThought)
      const run = before ?? { place, choice: choice.index, mapper: create(place) }
      runs.set(id, run)
      const next = run.mapper.push(text)
      if (next !== text) mapped = withText(place, mapped, next)
    }
    if (choice.finish_reason) return settle(mapped)
    return runs.size > 0 && isSigned(choice) ? settle(mapped, isThought) : mapped
  }

  return {
    map(chunk) {
      last = chunk
      const choices = chunk.choices?.map(mapChoice)
      const same = choices?.every((choice, at) => choice === chunk.choices?.[at]) ?? true
      return same ? chunk : { ...chunk, ...(choices && { choices }) }
    },
    end() {
      const left = [...new Set([...runs.values()].map(({ choice }) => choice))]
        .map((index) => settle({ index, delta: {} }))
        .filter((choice) => textsIn(choice).length > 0)
      return left.length > 0 && last ? { ...last, usage: null, choices: left } : undefined
    },
  }
}

/** The answer with its text rewritten by what `create` makes for each run of it. */
export async function* mapText(
  chunks: AsyncIterable<Chunk>,
  create: (place: Place) => TextMapper,
): AsyncGenerator<Chunk> {
  const mapper = createAnswerMapper(create)
  for await (const chunk of chunks) yield mapper.map(chunk)
  const left = mapper.end()
  if (left) yield left
}
