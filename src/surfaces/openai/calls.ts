import type { ToolCall } from '../../chat.ts'
import { createCallKeys } from '../../formats/call-keys.ts'

/** A call that is being told. */
interface Told {
  /** Where it stands in what was written; it waits for its name before. */
  index?: number
  id: string
  name: string
  custom: boolean
  /** What it said before it was written. */
  waiting: string
  /** What else its pieces have. */
  more: Partial<ToolCall>
}

const madeId = (): string => `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Whether a piece has nothing but its index and more of the call's input. */
const isMore = ({ index, id, type, function: called, custom }: ToolCall, told: Told): boolean => {
  if (index === undefined || index !== told.index) return false
  if (id !== undefined || type !== undefined) return false
  if (told.custom) return custom?.name === undefined && Boolean(custom?.input)
  return called?.name === undefined && Boolean(called?.arguments)
}

/**
 * The tool calls of one streamed choice: they begin in the order of their indices, and the first piece of each has its
 * id, type and name, later ones nothing but more of its input.
 */
export const createCalls = () => {
  const keyOf = createCallKeys()
  const calls: Told[] = []
  let written = 0

  const toldOf = (piece: ToolCall): Told => {
    const key = keyOf(piece)
    const { custom, type } = piece
    return (calls[key] ??= {
      id: '',
      name: '',
      custom: custom !== undefined || type === 'custom',
      waiting: '',
      more: {},
    })
  }

  const begin = (told: Told): ToolCall => {
    const index = written++
    told.index = index
    const { custom, name, waiting, more } = told
    const id = told.id || madeId()
    return custom
      ? { index, ...more, id, type: 'custom', custom: { name, input: waiting } }
      : { index, ...more, id, type: 'function', function: { name, arguments: waiting } }
  }

  const said = (piece: ToolCall): ToolCall | undefined => {
    const told = toldOf(piece)
    if (isMore(piece, told)) return piece
    const { index: _index, id, type: _type, function: called, custom, ...more } = piece
    const text = textOf(told.custom ? custom?.input : called?.arguments)
    const { index } = told
    if (index !== undefined) {
      if (text === '' && Object.keys(more).length === 0) return undefined
      const input = told.custom ? { custom: { input: text } } : { function: { arguments: text } }
      return { index, ...more, ...input }
    }
    told.id ||= textOf(id)
    told.name ||= textOf(called?.name) || textOf(custom?.name)
    told.waiting += text
    told.more = { ...told.more, ...more }
    return told.name === '' ? undefined : begin(told)
  }

  return {
    /** The pieces as they are to be written; themselves where they are so. */
    add(pieces: readonly ToolCall[]): readonly ToolCall[] {
      const [only] = pieces
      if (pieces.length === 1 && only) {
        const one = said(only)
        return one === only ? pieces : one ? [one] : []
      }
      return pieces.map(said).filter((piece) => piece !== undefined)
    },
    /** Takes note of pieces that were written as they came. */
    follow(pieces: readonly ToolCall[]): void {
      for (const piece of pieces) {
        const { index = written, id } = piece
        if (index < written && !id) continue
        const told = toldOf(piece)
        told.index ??= index
        written = Math.max(written, told.index + 1)
      }
    },
    /** The calls that nobody named, when nothing more comes. */
    end: (): ToolCall[] =>
      calls
        .filter(({ index, id, waiting }) => index === undefined && (id || waiting) !== '')
        .map((told) => begin(Object.assign(told, { name: 'unknown' }))),
    get some(): boolean {
      return calls.length > 0
    },
  }
}

export type Calls = ReturnType<typeof createCalls>
