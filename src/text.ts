import type { Choice, Chunk, Request, ToolCall } from './chat.ts'

type Rewrite = (text: string) => string

type Change = (value: unknown) => unknown

/** The object with one field changed; itself when the field is missing or stays as it is. */
const change = <T extends object>(object: T, field: string, fn: Change): T => {
  const before: unknown = Reflect.get(object, field)
  if (before === undefined || before === null) return object
  const after = fn(before)
  return after === before ? object : { ...object, [field]: after }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

const changeAll = <T extends object>(object: T, changes: Readonly<Record<string, Change>>): T =>
  Object.entries(changes).reduce((changed, [field, fn]) => change(changed, field, fn), object)

/** Each object of a list changed; the list itself when none is. */
const eachOf =
  (changes: Readonly<Record<string, Change>>): Change =>
  (list) => {
    if (!Array.isArray(list)) return list
    const next = list.map((item: unknown) => (isObject(item) ? changeAll(item, changes) : item))
    return next.every((item, at) => item === list[at]) ? list : next
  }

const inside =
  (changes: Readonly<Record<string, Change>>): Change =>
  (value) =>
    isObject(value) ? changeAll(value, changes) : value

/** The request with every text that a provider would read replaced; what `fn` leaves alone keeps its identity. */
export const mapTexts = (request: Request, fn: Rewrite): Request => {
  const text: Change = (value) => (typeof value === 'string' ? fn(value) : value)
  const parts = eachOf({ text, refusal: text })
  const content: Change = (value) => {
    if (!Array.isArray(value)) return text(value)
    const next = value.map((part: unknown) => text(part))
    return parts(next.every((part, at) => part === value[at]) ? value : next)
  }
  // inputs of embeddings may be lists of parts themselves
  const nested = eachOf({ content })
  const inputs: Change = (value) => nested(content(value))
  const tools = eachOf({
    function: inside({ description: text }),
    custom: inside({ description: text }),
  })
  return changeAll(request, {
    messages: eachOf({
      content,
      reasoning: text,
      reasoning_content: text,
      refusal: text,
      tool_calls: eachOf({
        function: inside({ arguments: text }),
        custom: inside({ input: text }),
      }),
      function_call: inside({ arguments: text }),
    }),
    prompt: content,
    suffix: text,
    input: inputs,
    instructions: text,
    query: text,
    documents: content,
    input_references: content,
    prediction: inside({ content }),
    tools,
  })
}

/** Every text that a provider would read: messages, tool arguments and results, prompts, inputs. */
export const textsOf = (request: Request): string[] => {
  const texts: string[] = []
  mapTexts(request, (text) => {
    texts.push(text)
    return text
  })
  return texts
}

/** Rewrites one run of streamed text: pieces in, pieces out, what it still holds back at the end. */
export interface TextMapper {
  push(text: string): string
  end(): string
}

type Place = { readonly field: string; readonly tool?: number }
const fields = ['content', 'reasoning', 'reasoning_content', 'refusal'] as const

const withText = ({ field, tool }: Place, choice: Choice, text: string): Choice => {
  if (field === 'text') return { ...choice, text }
  if (tool === undefined) return { ...choice, delta: { ...choice.delta, [field]: text } }
  const calls = choice.delta?.tool_calls ?? []
  const known = calls.some((call, at) => (call.index ?? at) === tool)
  const edit = (call: ToolCall): ToolCall =>
    field === 'input'
      ? { ...call, custom: { ...call.custom, input: text } }
      : { ...call, function: { ...call.function, arguments: text } }
  // what belongs to an earlier call comes before what begins here
  const tool_calls = known
    ? calls.map((call, at) => ((call.index ?? at) === tool ? edit(call) : call))
    : [edit({ index: tool }), ...calls]
  return { ...choice, delta: { ...choice.delta, tool_calls } }
}

const textsIn = (choice: Choice): (Place & { readonly text: string })[] => {
  const found: (Place & { readonly text: string })[] = []
  if (choice.text) found.push({ field: 'text', text: choice.text })
  for (const field of fields) {
    const text = choice.delta?.[field]
    if (text) found.push({ field, text })
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

const isReasoning = ({ field }: Place): boolean => field.startsWith('reasoning')

/**
 * Rewrites the text of an answer across chunk boundaries: one mapper for each choice and each kind of text
 * (content, reasoning, refusal, each tool call's arguments). What a mapper holds back comes out before the content after
 * reasoning, before the next tool call, and before the finish: formats of blocks have no way back into one.
 */
export async function* mapText(
  chunks: AsyncIterable<Chunk>,
  create: (place: Place) => TextMapper,
): AsyncGenerator<Chunk> {
  const mappers = new Map<string, { place: Place; choice: number; mapper: TextMapper }>()
  let last: Chunk | undefined

  const begun = new Set<string>()

  const mapChoice = (choice: Choice): Choice => {
    let mapped = choice
    for (const tool of namedIn(choice)) {
      const id = `${choice.index}/${tool}`
      if (!begun.has(id)) mapped = settle(mapped)
      begun.add(id)
    }
    for (const { text, ...place } of textsIn(choice)) {
      const id = `${choice.index}/${place.field}/${place.tool ?? ''}`
      const before = mappers.get(id)
      if (!before && place.field === 'content') mapped = settle(mapped, isReasoning)
      const known = before ?? { place, choice: choice.index, mapper: create(place) }
      mappers.set(id, known)
      const next = known.mapper.push(text)
      if (next !== text) mapped = withText(place, mapped, next)
    }
    return choice.finish_reason ? settle(mapped) : mapped
  }

  const settle = (choice: Choice, which: (place: Place) => boolean = () => true): Choice => {
    let settled = choice
    for (const [id, known] of mappers) {
      if (known.choice !== choice.index || !which(known.place)) continue
      mappers.delete(id)
      const rest = known.mapper.end()
      if (!rest) continue
      const now = textsIn(settled).find(
        ({ field, tool }) => field === known.place.field && tool === known.place.tool,
      )
      settled = withText(known.place, settled, (now?.text ?? '') + rest)
    }
    return settled
  }

  for await (const chunk of chunks) {
    last = chunk
    const choices = chunk.choices?.map(mapChoice)
    const same = choices?.every((choice, at) => choice === chunk.choices?.[at]) ?? true
    yield same ? chunk : { ...chunk, ...(choices && { choices }) }
  }
  const left = [...new Set([...mappers.values()].map(({ choice }) => choice))]
    .map((index) => settle({ index, delta: {} }))
    .filter((choice) => textsIn(choice).length > 0)
  if (left.length > 0 && last) yield { ...last, usage: null, choices: left }
}
