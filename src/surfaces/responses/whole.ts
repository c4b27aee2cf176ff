import type { Chunk } from '../../chat.ts'
import { nativeOf } from '../../formats/responses/origin.ts'
import type { Fields } from '../../formats/responses.ts'
import { lastWords, wholeText } from '../../kept.ts'
import { splice } from '../../splice.ts'
import type { Wire } from '../surface.ts'
import { noPen } from './pen.ts'
import { authorFor, keepResponse, lastSaid } from './writer.ts'

/** The response that a whole answer is; the provider's own where it gave one. */
const responseFor = (chunk: Chunk, wire: Wire, base?: string): Fields => {
  const author = authorFor(wire, noPen, base)
  author.add(chunk)
  return author.end(lastSaid(wire, author))
}

const sameIds = '0'.repeat(30)

/** A provider's own body with a plugin's changes in it. */
const amended = (chunk: Chunk, wire: Wire): string | undefined => {
  const words = wire.call?.vars.get(lastWords)
  const native = words && nativeOf(words.chunk)
  if (!words?.whole || words.format !== 'responses' || !native) return undefined
  const before = responseFor(words.chunk, wire, sameIds)
  const after = responseFor(chunk, wire, sameIds)
  return splice({ text: words.text, value: native }, before, after)
}

/** A whole response's body. */
export const wholeResponse = (chunk: Chunk, wire: Wire): string => {
  const kept = wholeText(chunk, 'responses')
  const text = kept ?? amended(chunk, wire)
  if (text === undefined) {
    const response = responseFor(chunk, wire)
    keepResponse(wire, response)
    return JSON.stringify(response)
  }
  const native = kept === undefined ? undefined : nativeOf(chunk)
  keepResponse(wire, native ?? (JSON.parse(text) as Fields))
  return text
}

/** The answer to a question for the number of tokens. */
export const wholeCount = (chunk: Chunk): string => {
  const kept = wholeText(chunk, 'responses')
  const [first] = Array.isArray(chunk.data) ? (chunk.data as readonly Fields[]) : []
  return (
    kept ??
    JSON.stringify({ object: 'response.input_tokens', input_tokens: Number(first?.tokens ?? 0) })
  )
}
