import { parsed } from '../../json.ts'
import { isObject, type Fields } from '../../fields.ts'
import type { Chunk } from '../../chat.ts'
import { wordOf } from '../../formats/unchecked.ts'
import { soundDelta } from '../../formats/sound.ts'

/** A text that is long enough not to be found by chance. */
const anchor = 4

/** A new text shared out among the pieces that the old one came in: those that are still in it keep their own. */
const shared = (pieces: readonly string[], text: string): string[] => {
  const out = pieces.map(() => '')
  let open = 0
  let cursor = 0
  pieces.forEach((piece, at) => {
    const found = piece.length >= anchor ? text.indexOf(piece, cursor) : -1
    if (found === -1) return
    // what stands before it belongs to the pieces between, or to itself where there are none
    const before = text.slice(cursor, found)
    if (before !== '' && open < at) out[open] = before
    out[at] = open < at ? piece : before + piece
    cursor = found + piece.length
    open = at + 1
  })
  const rest = text.slice(cursor)
  const last = Math.min(open, pieces.length - 1)
  return out.map((piece, at) => (at === last ? piece + rest : piece))
}

const textsIn = (blocks: readonly Fields[]): string[] =>
  blocks.filter(({ type }) => type === 'text').map(({ text }) => wordOf(text))

/**
 * Anthropic's own blocks with what a chunk says in their place, of each just what the canonical form knows; undefined
 * where the chunk says more or less than they.
 */
export const alignedWith = (blocks: readonly Fields[], chunk: Chunk): Fields[] | undefined => {
  const delta = soundDelta(chunk.choices?.[0]?.delta)
  const calls = [...(delta.tool_calls ?? [])]
  const texts = textsIn(blocks)
  const content = delta.content ?? ''
  const count = blocks.filter(({ type }) => type === 'tool_use').length
  if (calls.length !== count || (texts.length === 0 && content !== '')) return undefined
  const said = shared(texts, content)
  return blocks.map((block): Fields => {
    if (block.type === 'text') return { type: 'text', text: said.shift() ?? '' }
    if (block.type !== 'tool_use') return {}
    const called = calls.shift()?.function
    const input: unknown = parsed(called?.arguments ?? '')
    return { type: 'tool_use', name: called?.name, input: isObject(input) ? input : block.input }
  })
}
