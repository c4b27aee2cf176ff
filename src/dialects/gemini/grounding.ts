import { isObject, type Fields } from '../../fields.ts'
import { objectsIn } from '../../formats/gemini.ts'
import { wordOf } from '../../formats/unchecked.ts'

const count = (value: unknown): number => (typeof value === 'number' ? value : 0)

/** Google counts bytes of UTF-8; a place within the text, as its clients count. */
const place = (bytes: Buffer, end: number): number => bytes.subarray(0, end).toString().length

interface Span {
  readonly start_index: number
  readonly end_index: number
}

const spanOf = (text: string, bytes: Buffer, segment: Fields): Span | undefined => {
  const { startIndex, endIndex, text: quoted } = segment
  const start_index = place(bytes, count(startIndex))
  const end_index = place(bytes, count(endIndex))
  if (typeof quoted !== 'string') return { start_index, end_index }
  if (text.slice(start_index, end_index) === quoted) return { start_index, end_index }
  // counted within another part than the whole text
  const found = text.indexOf(quoted)
  return found === -1 ? undefined : { start_index: found, end_index: found + quoted.length }
}

const annotation = (url: unknown, title: unknown, span: Span | undefined): Fields => ({
  type: 'url_citation',
  url_citation: { url, title: wordOf(title, wordOf(url)), ...span },
})

const sourceOf = (chunk: Fields): Fields | undefined => {
  const source = chunk.web ?? chunk.retrievedContext ?? chunk.maps ?? chunk.image
  return isObject(source) && typeof (source.uri ?? source.sourceUri) === 'string'
    ? source
    : undefined
}

/** What a candidate says of its sources, for the text that it has said so far. */
export const citationsOf = (candidate: Fields, text: string): readonly Fields[] => {
  const { groundingMetadata: grounding, citationMetadata } = candidate
  const bytes = Buffer.from(text)
  const sources = isObject(grounding) ? objectsIn(grounding.groundingChunks).map(sourceOf) : []
  const supports = isObject(grounding) ? objectsIn(grounding.groundingSupports) : []
  const cite = (source: Fields | undefined, span: Span | undefined): Fields[] =>
    source ? [annotation(source.uri ?? source.sourceUri, source.title, span)] : []
  const supported = supports.flatMap(({ segment, groundingChunkIndices }) => {
    const span = isObject(segment) ? spanOf(text, bytes, segment) : undefined
    const indices: readonly unknown[] = Array.isArray(groundingChunkIndices)
      ? groundingChunkIndices
      : []
    return indices.flatMap((at) => (typeof at === 'number' ? cite(sources[at], span) : []))
  })
  const grounded = supported.length > 0 ? supported : sources.flatMap((one) => cite(one, undefined))
  const recited = isObject(citationMetadata)
    ? objectsIn(citationMetadata.citations ?? citationMetadata.citationSources)
    : []
  return [
    ...grounded,
    ...recited.flatMap((one) => cite(one, spanOf(text, bytes, { ...one, text: undefined }))),
  ]
}
