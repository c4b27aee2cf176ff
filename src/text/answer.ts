import type { Choice, Chunk, Delta, ToolCall } from '../chat.ts'
import { isObject, listOf, objectOf, type Fields } from '../fields.ts'
import { isServerCall } from '../server-call.ts'

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

const thoughts = ['reasoning', 'reasoning_content'] as const
const words = ['content', 'refusal'] as const
/** The field of a reasoning detail, by the name of its place. */
const detailFields = { reasoning_text: 'text', reasoning_summary: 'summary' } as const

/** Texts one level down: the arguments of the old `function_call`, the transcript of audio. */
const nested = { function_call: 'arguments', audio: 'transcript' } as const
const isNested = (field: string): field is keyof typeof nested => Object.hasOwn(nested, field)

const idOf = ({ field, tool, detail }: Place): string =>
  detail ? `${field}/${String(detail.type)}/${String(detail.index)}` : `${field}/${tool ?? ''}`

const detailsOf = (delta: Delta | undefined): readonly Fields[] =>
  listOf(delta?.reasoning_details).filter(isObject)

const isOf = (detail: Fields, known: Fields): boolean =>
  detail.type === known.type && detail.index === known.index

/** Whether nothing is left in a piece of a thought. */
const isEmpty = ({ text, summary, signature, data }: Fields): boolean =>
  !text && !summary && !signature && !data

const withDetail = (delta: Delta, place: string, known: Fields, text: string): Delta => {
  const field = place === 'reasoning_summary' ? 'summary' : 'text'
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
  if (field === 'text') return { ...choice, text }
  const delta = choice.delta ?? {}
  if (detail) return { ...choice, delta: withDetail(delta, field, detail, text) }
  if (tool !== undefined) return { ...choice, delta: withTool(delta, field, tool, text) }
  if (!isNested(field)) return { ...choice, delta: { ...delta, [field]: text } }
  const inside = { ...objectOf(delta[field]), [nested[field]]: text }
  return { ...choice, delta: { ...delta, [field]: inside } }
}

const bare = ({ text: _text, summary: _summary, signature: _signature, ...rest }: Fields): Fields =>
  rest

/** The texts that a chunk adds, thoughts before what is said. */
const textsIn = ({ text: plain, delta }: Choice): Said[] => {
  const found: Said[] = []
  const add = (place: Place, text: unknown): void => {
    if (typeof text === 'string' && text !== '') found.push({ ...place, text })
  }
  add({ field: 'text' }, plain)
  for (const field of thoughts) add({ field }, delta?.[field])
  for (const detail of detailsOf(delta))
    for (const [field, name] of Object.entries(detailFields))
      add({ field, detail: bare(detail) }, detail[name])
  for (const field of words) add({ field }, delta?.[field])
  for (const [field, name] of Object.entries(nested)) add({ field }, objectOf(delta?.[field])[name])
  delta?.tool_calls?.forEach((call, at) => {
    const tool = call.index ?? at
    add({ field: 'arguments', tool }, call.function?.arguments)
    add({ field: 'input', tool }, call.custom?.input)
  })
  return found
}

/** The tool calls that a chunk names, which is how a call begins. */
const namedIn = ({ delta }: Choice): readonly number[] =>
  (delta?.tool_calls ?? []).flatMap((call, at) =>
    call.function?.name || call.custom?.name ? (call.index ?? at) : [],
  )

const isThought = ({ field }: Place): boolean => field.startsWith('reasoning')

/** Whether the chunk begins another thought than that. */
const isOver = ({ delta }: Choice, { detail }: Place): boolean =>
  detail !== undefined && detailsOf(delta).some((one) => !isOf(one, detail))

const isSigned = ({ delta }: Choice): boolean =>
  detailsOf(delta).some(({ signature }) => Boolean(signature))

const wholly = (mapper: TextMapper, text: unknown): unknown =>
  typeof text === 'string' ? mapper.push(text) + mapper.end() : text

/** Calls of tools that were run here come whole, with their results. */
const withCalls = (
  choice: Choice,
  create: (place: Place, choice: number) => TextMapper,
): Choice => {
  const details = detailsOf(choice.delta)
  if (!details.some(isServerCall)) return choice
  const changed = details.map((detail) => {
    if (!isServerCall(detail)) return detail
    const { arguments: asked, result } = detail
    const next = {
      arguments: wholly(create({ field: 'arguments', detail }, choice.index), asked),
      result: wholly(create({ field: 'result', detail }, choice.index), result),
    }
    return next.arguments === asked && next.result === result ? detail : { ...detail, ...next }
  })
  if (changed.every((detail, at) => detail === details[at])) return choice
  return { ...choice, delta: { ...choice.delta, reasoning_details: changed } }
}

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
export const createAnswerMapper = (
  create: (place: Place, choice: number) => TextMapper,
): AnswerMapper => {
  const runs = new Map<string, Run>()
  const begun = new Set<string>()
  let last: Chunk | undefined

  /** Ends runs of a choice: what each still held back. */
  const end = (choice: Choice, which: (place: Place) => boolean): (Said & { id: string })[] => {
    const rests: (Said & { id: string })[] = []
    for (const [id, run] of runs) {
      if (run.choice !== choice.index || !which(run.place)) continue
      runs.delete(id)
      const text = run.mapper.end()
      if (text !== '') rests.push({ ...run.place, id, text })
    }
    return rests
  }

  /** The choice with what ends with it. */
  const settle = (choice: Choice, which: (place: Place) => boolean = () => true): Choice =>
    end(choice, which).reduce((settled, { id: _id, text, ...place }) => {
      const now = textsIn(settled).find((said) => idOf(said) === idOf(place))
      return withText(place, settled, (now?.text ?? '') + text)
    }, choice)

  /** Whether a run ends before the chunk: with another call, another thought. */
  const endsBefore = (choice: Choice, calls: boolean): ((place: Place) => boolean) => {
    if (calls) return () => true
    const over = [...runs.values()].some(
      (run) => run.choice === choice.index && isOver(choice, run.place),
    )
    // the sum of thoughts ends together with each of them
    return (place) => over && (place.detail ? isOver(choice, place) : isThought(place))
  }

  const mapChoice = (choice: Choice): Choice => {
    const texts = textsIn(choice).map((said) => ({ ...said, id: `${choice.index}/${idOf(said)}` }))
    const named = namedIn(choice).filter((tool) => !begun.has(`${choice.index}/${tool}`))
    for (const tool of named) begun.add(`${choice.index}/${tool}`)
    let mapped = withCalls(choice, create)
    const before = new Map<string, string>()
    if (runs.size > 0)
      for (const { id, text, ...place } of end(choice, endsBefore(choice, named.length > 0)))
        if (texts.some((said) => said.id === id)) before.set(id, text)
        else mapped = withText(place, mapped, text)
    for (const { id, text, ...place } of texts) {
      const known = runs.get(id)
      if (!known && place.field === 'content') mapped = settle(mapped, isThought)
      const run = known ?? { place, choice: choice.index, mapper: create(place, choice.index) }
      runs.set(id, run)
      const next = (before.get(id) ?? '') + run.mapper.push(text)
      if (next !== text) mapped = withText(place, mapped, next)
    }
    if (choice.finish_reason) return settle(mapped)
    if (named.length > 0) mapped = settle(mapped, ({ tool }) => tool === undefined)
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
