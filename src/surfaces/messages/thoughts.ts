import { isObject, type Fields } from '../../fields.ts'
import type { Delta } from '../../chat.ts'
import { claudeFormat } from '../../formats/anthropic.ts'
import { seal } from '../../formats/envelope.ts'

/** One piece of reasoning that arrived. */
export type Piece = Fields

export const readable = ({ text, summary }: Piece): string =>
  typeof text === 'string' ? text : typeof summary === 'string' ? summary : ''

/** A thought that nobody signed is told to be no one's, so that no vendor gets it as its own. */
const unsigned: Piece = { type: 'reasoning.text', format: 'unknown', index: 0 }

/** The pieces of one message's thoughts, as its deltas bring them. */
export const createPieces = () => {
  let detailed = false
  return {
    /** Details told thoughts: a text alone is what a plugin held back of them, not more of them. */
    detailed: () => void (detailed = true),
    of({ reasoning, reasoning_content, reasoning_details }: Delta): Piece[] {
      const details = Array.isArray(reasoning_details) ? reasoning_details.filter(isObject) : []
      const text = reasoning || reasoning_content
      detailed ||= details.some((detail) => readable(detail) !== '')
      return !text || detailed ? details : [{ ...unsigned, text }, ...details]
    },
  }
}

/** Whether a piece is Claude's own: its signature or its data is real. */
export const isOwn = ({ format, signature, data }: Piece): boolean =>
  format === claudeFormat ||
  ((format === undefined || format === null) && (signature !== undefined || data !== undefined))

const joined = (one: unknown, other: unknown): unknown => {
  if (other === undefined || other === null) return one
  return typeof one === 'string' && typeof other === 'string' ? one + other : other
}

const pieces = ['text', 'summary', 'data', 'signature'] as const

/** The details with a piece added to the one that it continues. */
export const withPiece = (details: readonly Piece[], piece: Piece): readonly Piece[] => {
  const at = details.findIndex(
    (known) =>
      known.index !== undefined && known.index === piece.index && known.type === piece.type,
  )
  const known = details[at]
  if (!known) return [...details, piece]
  const more = Object.fromEntries(
    pieces
      .map((field) => [field, joined(known[field], piece[field])] as const)
      .filter(([, value]) => value !== undefined),
  )
  return details.map((detail, place) => (place === at ? { ...known, ...piece, ...more } : detail))
}

/** The envelope of a readable block, which repeats the text only where there are several. */
export const sealBeside = (details: readonly Piece[] = [unsigned], text: string): string => {
  const [only, second] = details.filter((detail) => readable(detail) !== '')
  if (!only || second || readable(only) !== text) return seal(details)
  const { text: _text, summary: _summary, ...rest } = only
  return seal(details.map((detail) => (detail === only ? rest : detail)))
}
