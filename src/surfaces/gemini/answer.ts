import { isObject, type Fields } from '../../fields.ts'
import type { Chunk, Delta, ToolCall } from '../../chat.ts'
import { objectsIn } from '../../formats/gemini.ts'
import { writeMedia } from '../../formats/gemini/media.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** Images of an answer as parts. */
export const imagesOf = ({ images }: Delta): Fields[] =>
  objectsIn(images)
    .map((image) => writeMedia({ type: 'image_url', image_url: image.image_url }))
    .filter((part) => part !== undefined)

const citations = (delta: Delta): Fields[] =>
  objectsIn(delta.annotations).flatMap(({ url_citation }) =>
    isObject(url_citation) ? [url_citation] : [],
  )

/** Whether a place is one between two characters of the text. */
const isPlace = (index: unknown, text: string): index is number =>
  typeof index === 'number' &&
  Number.isInteger(index) &&
  index >= 0 &&
  index <= text.length &&
  text.slice(0, index).isWellFormed() === text.isWellFormed()

/** What was cited, with places counted in bytes of the answer's text. */
export const groundingOf = (annotations: readonly Fields[], text: string): Fields => {
  const urls = [...new Set(annotations.map(({ url }) => url))]
  const bytes = (end: number): number => Buffer.byteLength(text.slice(0, end))
  return {
    groundingChunks: urls.map((url) => ({
      web: { uri: url, title: annotations.find((one) => one.url === url)?.title },
    })),
    groundingSupports: annotations.flatMap(({ url, start_index, end_index }) => {
      if (!isPlace(start_index, text) || !isPlace(end_index, text) || end_index < start_index)
        return []
      const segment = {
        ...(start_index > 0 && { startIndex: bytes(start_index) }),
        endIndex: bytes(end_index),
        text: text.slice(start_index, end_index),
      }
      return [{ segment, groundingChunkIndices: [urls.indexOf(url)] }]
    }),
  }
}

export const citationsOf = citations

const candidateOf = ({ token, logprob }: Fields): Fields => ({ token, logProbability: logprob })

export const logprobsOf = (logprobs: unknown): Fields | undefined => {
  const tokens = isObject(logprobs) ? objectsIn(logprobs.content) : []
  if (tokens.length === 0) return undefined
  return {
    chosenCandidates: tokens.map(candidateOf),
    topCandidates: tokens.map((token) => ({
      candidates: objectsIn(token.top_logprobs).map(candidateOf),
    })),
  }
}

/** A call that arrives in pieces. */
export interface Pending {
  readonly call: ToolCall
  readonly text: string
}

export const joined = ({ call, text }: Pending): ToolCall =>
  isObject(call.custom)
    ? { ...call, custom: { ...call.custom, input: text } }
    : { ...call, function: { ...call.function, arguments: text } }

const pieceOf = (piece: ToolCall): string => {
  const { custom } = piece
  return wordOf(isObject(custom) ? custom.input : piece.function?.arguments)
}

const name = (piece: ToolCall): string =>
  wordOf(isObject(piece.custom) ? piece.custom.name : piece.function?.name)

/** The call with one more piece of it. */
export const extended = (known: Pending | undefined, piece: ToolCall): Pending => {
  if (!known) return { call: piece, text: pieceOf(piece) }
  const { call } = known
  const named = name(call) === '' ? piece : call
  return {
    call: { ...named, id: call.id || piece.id || '' },
    text: known.text + pieceOf(piece),
  }
}

/** Whether nothing is missing of it, as far as can be told. */
export const isComplete = ({ call, text }: Pending): boolean => {
  if (isObject(call.custom)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** What every piece of an answer says beside its candidates. */
export const tailOf = (
  chunk: Chunk | undefined,
  id: string,
  model: string | undefined,
): Fields => ({
  modelVersion: wordOf(chunk?.model) || (model ?? ''),
  responseId: wordOf(chunk?.id) || id,
})
