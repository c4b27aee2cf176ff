import { isObject } from '../../fields.ts'
import type { ToolCall } from '../../chat.ts'

/** A call that is being told, in pieces. */
export interface Tool {
  id: string
  name: string
  /** All of its input so far, as text. */
  json: string
  /** How much of that was written. */
  written: number
  /** Its input is free text, told when it is complete. */
  custom: boolean
  /** It waits for its turn. */
  queued: boolean
  /** Its block was opened. */
  began: boolean
  /** Nothing more of it will be written. */
  ended: boolean
}

const isJson = (text: string): boolean => {
  if (!text.trimEnd().endsWith('}')) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const madeId = (): string => `toolu_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`

/** The calls of one message, by their index; by their id where a provider gives none. */
export const createTools = () => {
  const tools = new Map<number, Tool>()
  const keyOf = ({ index, id }: ToolCall, position: number): number => {
    if (index !== undefined) return index
    if (!id) return Math.max(position, tools.size - 1)
    const known = [...tools].find(([, tool]) => tool.id === id)
    return known ? known[0] : tools.size
  }
  return {
    add(piece: ToolCall, position: number): Tool {
      const key = keyOf(piece, position)
      const custom = isObject(piece.custom) ? piece.custom : undefined
      const name = custom?.name ?? piece.function?.name
      const tool = tools.get(key) ?? {
        id: piece.id || madeId(),
        name: '',
        json: '',
        written: 0,
        custom: false,
        queued: false,
        began: false,
        ended: false,
      }
      tools.set(key, tool)
      if (!tool.began && piece.id) tool.id = piece.id
      if (typeof name === 'string' && name !== '') tool.name = name
      if (custom) tool.custom = true
      const more = custom ? custom.input : piece.function?.arguments
      if (typeof more === 'string' && !tool.ended) tool.json += more
      return tool
    },
    isComplete: ({ json, custom }: Tool): boolean => !custom && isJson(json),
    /** What of its input is still to be written. */
    take(tool: Tool): string {
      if (tool.custom) return ''
      const json = tool.json.slice(tool.written)
      tool.written = tool.json.length
      return json
    },
    /** The same, when nothing more comes. */
    end(tool: Tool): string {
      if (tool.ended) return ''
      tool.ended = true
      return tool.custom ? JSON.stringify({ input: tool.json }) : this.take(tool)
    },
  }
}
