import { isObject, type Fields } from '../../fields.ts'
import type { Message, Part } from '../../chat.ts'
import { isGoogles, objectsIn, skipSignature } from '../../formats/gemini.ts'
import { originOf } from '../../formats/gemini/marks.ts'
import { writeMedia } from '../../formats/gemini/media.ts'
import { writeResult } from '../../formats/gemini/tool-result.ts'
import { rewriteTurn, writeCall, writeOpaque } from '../../formats/gemini/rewrite.ts'
import { versionOf } from './version.ts'
import type { Warn } from './warn.ts'
import { kindOf, wordOf } from '../../formats/unchecked.ts'

interface Content {
  readonly role: 'user' | 'model'
  readonly parts: readonly Fields[]
  /** The content that these parts stood in, where the client speaks Gemini's format. */
  readonly within?: object
}

const writePart = (part: Part, own: boolean, warn: Warn): readonly Fields[] => {
  if (part.type === 'text' && typeof part.text === 'string')
    return own || part.text !== '' ? [{ text: part.text }] : []
  if (part.type === 'refusal') return [{ text: wordOf(part.refusal) }]
  const written = writeOpaque(part) ?? writeMedia(part)
  if (written) return [written]
  warn(
    part.type === 'file'
      ? 'a file that another provider keeps cannot be sent to this one'
      : `content of type ${kindOf(part.type)} is not available at this provider`,
  )
  return []
}

const partsOf = ({ content }: Message, own: boolean, warn: Warn): readonly Fields[] => {
  if (typeof content === 'string') return own || content !== '' ? [{ text: content }] : []
  return (content ?? []).flatMap((part) => writePart(part, own, warn))
}

/** The signatures of a turn that came in another format, each where it belongs. */
const writeTurn = (message: Message, warn: Warn): readonly Fields[] => {
  const details = objectsIn(message.reasoning_details).filter(isGoogles)
  const thoughts = details
    .filter(({ signature }) => typeof signature === 'string' && signature !== '')
    .map(({ text, signature }) => ({ text, thought: true, thoughtSignature: signature }))
  const sealed = details.filter(({ data }) => typeof data === 'string' && data !== '')
  const signatureOf = (id: unknown) => sealed.find((detail) => detail.id === id)?.data
  const images = objectsIn(message.images)
    .map((image) => writeMedia({ type: 'image_url', image_url: image.image_url }))
    .filter((part) => part !== undefined)
  const calls = (message.tool_calls ?? []).map((call) => {
    const thoughtSignature = signatureOf(call.id)
    return { ...writeCall(call), ...(thoughtSignature !== undefined && { thoughtSignature }) }
  })
  const refusal = typeof message.refusal === 'string' ? [{ text: message.refusal }] : []
  const said = [...partsOf(message, false, warn), ...refusal, ...images]
  const free = sealed.filter(({ id }) => !message.tool_calls?.some((call) => call.id === id))
  const last = said.length - 1
  const signed = said.map((part, at) =>
    at === last && free.length > 0 ? { ...part, thoughtSignature: free.at(-1)?.data } : part,
  )
  const apart = (last === -1 ? free : free.slice(0, -1)).map(({ data }) => ({
    text: '',
    thoughtSignature: data,
  }))
  return [...thoughts, ...apart, ...signed, ...calls]
}

const isSystem = ({ role }: Message): boolean => role === 'system' || role === 'developer'

/**
 * From version 3 on, Google refuses a step of the current turn whose first call is not signed. Earlier turns are
 * written the same, as they are the current one's cached beginning.
 */
const vouched = (content: Content): Content => {
  if (content.role !== 'model' || content.within) return content
  const first = content.parts.findIndex(({ functionCall }) => functionCall)
  if (first === -1 || content.parts[first]?.thoughtSignature !== undefined) return content
  const parts = content.parts.map((part, place) =>
    place === first ? { ...part, thoughtSignature: skipSignature } : part,
  )
  return { ...content, parts }
}

/** The conversation, and the instruction that goes before it. */
export const writeContents = (
  messages: readonly Message[],
  model: string,
  warn: Warn,
): { readonly systemInstruction?: Fields; readonly contents: readonly Fields[] } => {
  const contents: Content[] = []
  const instruction: Fields[] = []
  const names = new Map<unknown, string>()
  const nests = versionOf(model).number >= 3

  const add = (role: Content['role'], parts: readonly Fields[], within?: object) => {
    const last = contents.at(-1)
    if (parts.length === 0 && !within) return
    if (last?.role === role && last.within === within)
      contents[contents.length - 1] = { ...last, parts: [...last.parts, ...parts] }
    else contents.push({ role, parts, ...(within && { within }) })
  }

  for (const message of messages) {
    const within = originOf<{ within?: object }>(message)?.within
    for (const call of message.tool_calls ?? []) {
      const named = isObject(call.custom) ? call.custom.name : call.function?.name
      names.set(call.id, wordOf(named))
    }
    if (message.role === 'assistant') {
      const own = rewriteTurn(message)
      const foreign = objectsIn(message.reasoning_details).some((one) => !isGoogles(one))
      // of another model's turn there may be contents of which nothing can be sent
      if (own) for (const parts of own) add('model', parts, foreign ? undefined : parts)
      else add('model', writeTurn(message, warn))
    } else if (message.role === 'tool')
      add('user', writeResult(message, names.get(message.tool_call_id), nests), within)
    else if (isSystem(message) && contents.length === 0)
      instruction.push(...partsOf(message, false, warn))
    else add('user', partsOf(message, within !== undefined, warn), within)
  }

  const bare = (nests ? contents.map(vouched) : contents).map(({ role, parts }) => ({
    role,
    parts,
  }))
  if (bare.length === 0 && instruction.length > 0)
    return { contents: [{ role: 'user', parts: instruction }] }
  return {
    ...(instruction.length > 0 && { systemInstruction: { parts: instruction } }),
    contents: bare,
  }
}
