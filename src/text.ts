import type { Choice, Chunk, Message, Request, ToolCall } from './chat.ts'

type Rewrite = (text: string) => string

const mapContent = (content: unknown, fn: Rewrite): unknown => {
  if (typeof content === 'string') return fn(content)
  if (!Array.isArray(content)) return content
  return content.map((part) => {
    if (typeof part === 'string') return fn(part)
    return typeof part?.text === 'string' ? { ...part, text: fn(part.text) } : part
  })
}

const mapToolCall = (call: ToolCall, fn: Rewrite): ToolCall =>
  typeof call.function?.arguments === 'string'
    ? { ...call, function: { ...call.function, arguments: fn(call.function.arguments) } }
    : call

const mapMessage = (message: Message, fn: Rewrite): Message => ({
  ...message,
  ...(message.content && { content: mapContent(message.content, fn) as Message['content'] }),
  ...(message.tool_calls && {
    tool_calls: message.tool_calls.map((call) => mapToolCall(call, fn)),
  }),
})

/** The request with every text that a provider would read replaced; what `fn` leaves alone keeps its identity. */
export const mapTexts = (request: Request, fn: Rewrite): Request => {
  let changed = false
  const track: Rewrite = (text) => {
    const next = fn(text)
    changed ||= next !== text
    return next
  }
  const mapped: Request = {
    ...request,
    ...(request.messages && { messages: request.messages.map((item) => mapMessage(item, track)) }),
    ...(request.prompt && { prompt: mapContent(request.prompt, track) as Request['prompt'] }),
    ...(request.input && { input: mapContent(request.input, track) as Request['input'] }),
  }
  return changed ? mapped : request
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
  const edit = (call: ToolCall): ToolCall => ({
    ...call,
    function: { ...call.function, arguments: text },
  })
  const tool_calls = known
    ? calls.map((call, at) => ((call.index ?? at) === tool ? edit(call) : call))
    : [...calls, edit({ index: tool })]
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
    const text = call.function?.arguments
    if (text) found.push({ field: 'arguments', tool: call.index ?? at, text })
  })
  return found
}

/**
 * Rewrites the text of an answer across chunk boundaries: one mapper for each choice and each kind of text
 * (content, reasoning, refusal, each tool call's arguments). What a mapper holds back comes out before the finish.
 */
export async function* mapText(
  chunks: AsyncIterable<Chunk>,
  create: (place: Place) => TextMapper,
): AsyncGenerator<Chunk> {
  const mappers = new Map<string, { place: Place; choice: number; mapper: TextMapper }>()
  let last: Chunk | undefined

  const mapChoice = (choice: Choice): Choice => {
    let mapped = choice
    for (const { text, ...place } of textsIn(choice)) {
      const id = `${choice.index}/${place.field}/${place.tool ?? ''}`
      const known = mappers.get(id) ?? { place, choice: choice.index, mapper: create(place) }
      mappers.set(id, known)
      const next = known.mapper.push(text)
      if (next !== text) mapped = withText(place, mapped, next)
    }
    return choice.finish_reason ? settle(mapped) : mapped
  }

  const settle = (choice: Choice): Choice => {
    let settled = choice
    for (const [id, known] of mappers) {
      if (known.choice !== choice.index) continue
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
