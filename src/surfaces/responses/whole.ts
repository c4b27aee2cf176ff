import { listOf, objectOf, type Fields } from '../../fields.ts'
import type { Chunk } from '../../chat.ts'
import { nativeOf } from '../../formats/responses/origin.ts'
import { lastWords, wholeText } from '../../kept.ts'
import { splice } from '../../splice.ts'
import type { Wire } from '../surface.ts'
import { noPen } from './pen.ts'
import { authorFor, keepResponse, lastSaid } from './writer.ts'
import { countOf } from '../../formats/unchecked.ts'

/** The response that a whole answer is; the provider's own where it gave one. */
const responseFor = (chunk: Chunk, wire: Wire, fixed?: Parameters<typeof authorFor>[2]): Fields => {
  const author = authorFor(wire, noPen, fixed)
  author.add(chunk)
  return author.end(lastSaid(wire, author))
}

/** The same every time, so that only what was changed differs. */
const fixed = { base: '0'.repeat(30), now: () => 0 }

const typeOf = (item: unknown): unknown => objectOf(item).type

/** For each of the provider's items, the one of `ours` that was made of it; undefined when they are not the same. */
const aligned = (
  native: readonly unknown[],
  ours: readonly unknown[],
): readonly unknown[] | undefined => {
  const left = [...ours]
  const places = native.map((item) => {
    const at = left.findIndex((made) => typeOf(made) === typeOf(item))
    return at === -1 ? item : left.splice(at, 1)[0]
  })
  return left.length === 0 ? places : undefined
}

/** A provider's own body with a plugin's changes in it. */
const amended = (chunk: Chunk, wire: Wire): string | undefined => {
  const words = wire.call?.vars.get(lastWords)
  const native = words && nativeOf(words.chunk)
  if (!words?.whole || words.format !== 'responses' || !native) return undefined
  const before = responseFor(words.chunk, wire, fixed)
  const after = responseFor(chunk, wire, fixed)
  const items = listOf(native.output)
  const was = aligned(items, listOf(before.output))
  const is = aligned(items, listOf(after.output))
  const [from, to] =
    was && is
      ? [
          { ...before, output: was },
          { ...after, output: is },
        ]
      : [before, after]
  return splice({ text: words.text, value: native }, from, to)
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
    JSON.stringify({ object: 'response.input_tokens', input_tokens: countOf(first?.tokens) })
  )
}
