import type { ToolCall } from '../chat.ts'

/** Which of an answer's calls a piece belongs to, counted from 0 in the order in which they begin. */
export type CallKeys = (piece: ToolCall) => number

const isNamed = ({ function: called, custom }: ToolCall): boolean =>
  Boolean(called?.name || custom?.name)

/**
 * Providers leave the index out, or give all calls the same one; some make up an id for every piece. So a new call is
 * one of a new index, or one that has both a name and an id of its own.
 */
export const createCallKeys = (): CallKeys => {
  const ids: string[] = []
  const byIndex = new Map<number, number>()
  let latest = -1

  const begin = (id = ''): number => ids.push(id) - 1
  const keyWith = (id: string): number => {
    const at = ids.indexOf(id)
    return at === -1 ? begin(id) : at
  }

  const indexed = (index: number, piece: ToolCall): number => {
    const known = byIndex.get(index)
    if (known === undefined) return begin(piece.id)
    if (!piece.id || piece.id === ids[known]) return known
    if (ids[known] && isNamed(piece)) return keyWith(piece.id)
    ids[known] ||= piece.id
    return known
  }

  const following = (piece: ToolCall): number => {
    const begins = isNamed(piece) || latest === -1
    if (piece.id && (begins || ids.includes(piece.id))) return keyWith(piece.id)
    return begins ? begin() : latest
  }

  return (piece) => {
    const { index } = piece
    latest = index === undefined ? following(piece) : indexed(index, piece)
    if (index !== undefined) byIndex.set(index, latest)
    return latest
  }
}
