import { isObject, type Fields } from '../../fields.ts'
import type { Message, Part } from '../../chat.ts'
import { callId, isGiven, objectsIn } from '../../formats/gemini.ts'
import { marked } from '../../formats/gemini/marks.ts'
import { readMedia } from '../../formats/gemini/media.ts'
import { readResult } from '../../formats/gemini/tool-result.ts'
import { opaque, readTurn } from '../../formats/gemini/turn.ts'

/** Calls that wait for their result, in order. */
interface Waiting {
  readonly name: string
  readonly id: string
}

const readPart = (part: Fields): Part => {
  if (typeof part.text === 'string') return { type: 'text', text: part.text }
  return readMedia(part) ?? opaque(part)
}

/** One text is a string, as everywhere. */
const contentOf = (parts: readonly Part[]): string | readonly Part[] => {
  const [only] = parts
  return parts.length === 1 && only?.type === 'text' && only.text !== undefined ? only.text : parts
}

/** Which call a response answers: by its id, else the next of that name, else the next. */
const answered = (waiting: Waiting[], { id, name }: Fields, otherwise: string): string => {
  if (isGiven(id)) {
    const at = waiting.findIndex((call) => call.id === id)
    if (at !== -1) waiting.splice(at, 1)
    return id
  }
  const named = waiting.findIndex((call) => call.name === name)
  const [call] = waiting.splice(Math.max(named, 0), 1)
  return call?.id ?? otherwise
}

const readUser = (parts: readonly Fields[], at: number, waiting: Waiting[]): readonly Message[] => {
  const within = {}
  const messages: Message[] = []
  let said: Part[] = []
  const say = () => {
    const message = { role: 'user', content: contentOf(said) }
    if (said.length > 0) messages.push(marked(message, { within }))
    said = []
  }
  parts.forEach((part, place) => {
    if (!isObject(part.functionResponse)) {
      said.push(readPart(part))
      return
    }
    say()
    const id = answered(waiting, part.functionResponse, callId('r', at, place))
    messages.push(readResult(part.functionResponse, id, within))
  })
  say()
  if (messages.length === 0) return [marked({ role: 'user', content: [] }, { within })]
  return messages
}

/** The conversation. Contents of the model that follow each other, as a stream leaves them, are one message. */
export const readContents = (contents: readonly Fields[]): readonly Message[] => {
  const messages: Message[] = []
  const waiting: Waiting[] = []
  for (let at = 0; at < contents.length; at++) {
    const first = contents[at]
    if (first?.role !== 'model') {
      messages.push(...readUser(objectsIn(first?.parts), at, waiting))
      continue
    }
    const begin = at
    while (contents[at + 1]?.role === 'model') at++
    const turns = contents.slice(begin, at + 1).map(({ parts }) => objectsIn(parts))
    const { turn } = readTurn(turns, (_at, content, part) => callId(begin + content, part))
    const calls = turn.tool_calls?.map(({ index: _index, ...call }) => call)
    for (const call of calls ?? [])
      waiting.push({ name: call.function?.name ?? '', id: call.id ?? '' })
    messages.push({
      role: 'assistant',
      ...turn,
      content: turn.content ?? null,
      ...(calls && { tool_calls: calls }),
    })
  }
  return messages
}

/** The instruction as the first message. */
export const readInstruction = (instruction: unknown): readonly Message[] => {
  if (typeof instruction === 'string') return [{ role: 'system', content: instruction }]
  if (!isObject(instruction)) return []
  return [{ role: 'system', content: contentOf(objectsIn(instruction.parts).map(readPart)) }]
}
