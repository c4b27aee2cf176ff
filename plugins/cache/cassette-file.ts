import { thawed, v, type Frozen } from 'sluice/plugin'
import { parse, stringify } from 'yaml'
import type { Cassette } from './cassette.ts'
import type { Piece } from './entry.ts'

const heading = ` Recorded by Sluice; its plugin \`cache\` gives it again with \`mode: replay\`.
# What is given again are the pieces; \`says\` is what they say, for who reads this.`

/** A chunk as a file has it: the provider's own words and, where they do not say it, what was made of them. */
const writtenChunk = ({ chunk, words }: Frozen) => ({
  ...(words && {
    ...(words.event !== undefined && { event: words.event }),
    ...(words.whole && { whole: true }),
    [words.format]: words.text,
  }),
  ...(chunk && { chunk: JSON.stringify(chunk) }),
})

const saidIn = (pieces: readonly Piece[]): string =>
  pieces
    .flatMap(({ chunks }) => chunks.map(thawed))
    .flatMap(({ choices = [] }) => choices)
    .filter(({ index }) => index === 0)
    .map(({ delta, text }) => `${delta?.content ?? ''}${text ?? ''}`)
    .join('')

export const written = ({ answer, ...asked }: Cassette): string => {
  const { made, expires: _, pieces: taken, ...rest } = answer
  const pieces = Array.from(
    { length: taken.length },
    (_piece, at) => taken.at(at) ?? { at: 0, chunks: [] },
  )
  const says = saidIn(pieces)
  const text = stringify(
    {
      ...asked,
      answer: {
        recorded: new Date(made).toISOString(),
        ...rest,
        ...(says !== '' && { says }),
        pieces: pieces.flatMap(({ at, chunks }) =>
          chunks.map((chunk) => ({ at, ...writtenChunk(chunk) })),
        ),
      },
    },
    { lineWidth: 0 },
  )
  return `#${heading}\n${text}`
}

const formats = ['openai', 'responses', 'anthropic', 'gemini', 'ollama'] as const

const json = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.unknown()))
const words = v.exactOptional(
  v.pipe(
    v.string(),
    v.check((text) => v.is(json, text)),
  ),
)

const piece = v.looseObject({
  at: v.optional(v.number(), 0),
  event: v.exactOptional(v.string()),
  whole: v.optional(v.boolean(), false),
  chunk: v.exactOptional(json),
  openai: words,
  responses: words,
  anthropic: words,
  gemini: words,
  ollama: words,
})

const schema = v.looseObject({
  operation: v.string(),
  format: v.string(),
  request: v.record(v.string(), v.unknown()),
  answer: v.looseObject({
    recorded: v.optional(v.string(), ''),
    source: v.optional(v.string(), ''),
    provider: v.optional(v.string(), ''),
    model: v.optional(v.string(), ''),
    warnings: v.optional(v.array(v.string()), []),
    pieces: v.pipe(v.array(piece), v.minLength(1)),
  }),
})

const readPiece = ({ at, event, whole, chunk, ...own }: v.InferOutput<typeof piece>): Piece => {
  const format = formats.find((name) => own[name] !== undefined)
  const text = format && own[format]
  const said = format &&
    text !== undefined && { format, text, whole, ...(event !== undefined && { event }) }
  return { at, chunks: [{ ...(chunk && { chunk }), ...(said && { words: said }) }] }
}

/** Undefined for a file that is not a recording. */
export const readCassette = (text: string): Cassette | undefined => {
  try {
    const { operation, format, request, answer } = v.parse(schema, parse(text))
    const { recorded, source, provider, model, warnings, pieces } = answer
    const made = Date.parse(recorded) || 0
    return {
      operation,
      format,
      request,
      answer: {
        source,
        provider,
        model,
        made,
        expires: made,
        warnings,
        pieces: pieces.map(readPiece),
      },
    }
  } catch {
    return undefined
  }
}
