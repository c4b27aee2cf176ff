import type { Fields } from '../../fields.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** Where a message's events go, in the order of the grammar. */
export interface Sink {
  start(message: Fields): void
  open(index: number, block: Fields): void
  delta(index: number, delta: Fields): void
  /** The same as a `text_delta`. */
  text(index: number, text: string): void
  close(index: number): void
  finish(delta: Fields, usage: Fields): void
}

export const eventOf = (name: string, data: string): string => `event: ${name}\ndata: ${data}\n\n`

/** The events as text, which `take` hands out and forgets. */
export interface TextSink extends Sink {
  take(): string
  /** An event that is text already. */
  raw(event: string): void
}

export const createTextSink = (): TextSink => {
  let out = ''
  const write = (type: string, fields: Fields): void => {
    out += eventOf(type, JSON.stringify({ type, ...fields }))
  }
  return {
    start: (message) => write('message_start', { message }),
    open: (index, content_block) => write('content_block_start', { index, content_block }),
    delta: (index, delta) => write('content_block_delta', { index, delta }),
    text: (index, text) => {
      out += `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":"text_delta","text":${JSON.stringify(text)}}}\n\n`
    },
    close: (index) => write('content_block_stop', { index }),
    finish: (delta, usage) => {
      write('message_delta', { delta, usage })
      write('message_stop', {})
    },
    raw: (event) => void (out += event),
    take: () => {
      const taken = out
      out = ''
      return taken
    },
  }
}

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return json === '' ? {} : { input: json }
  }
}

interface Building {
  block: Fields
  json: string
}

const added = ({ block, json }: Building, delta: Fields): Building => {
  switch (delta.type) {
    case 'text_delta':
      return { block: { ...block, text: wordOf(block.text) + wordOf(delta.text) }, json }
    case 'thinking_delta':
      return {
        block: { ...block, thinking: wordOf(block.thinking) + wordOf(delta.thinking) },
        json,
      }
    case 'signature_delta':
      return { block: { ...block, signature: delta.signature }, json }
    case 'citations_delta': {
      const known = Array.isArray(block.citations) ? block.citations : []
      return { block: { ...block, citations: [...known, delta.citation] }, json }
    }
    default:
      return { block, json: json + wordOf(delta.partial_json) }
  }
}

/** The events as the message that they tell. */
export interface MessageSink extends Sink {
  message(): Fields
}

export const createMessageSink = (): MessageSink => {
  const blocks: Building[] = []
  let head: Fields = {}
  let end: Fields = {}
  const add = (index: number, delta: Fields): void => {
    const block = blocks[index]
    if (block) blocks[index] = added(block, delta)
  }
  return {
    start: (message) => void (head = message),
    open: (index, block) => void (blocks[index] = { block, json: '' }),
    delta: add,
    text: (index, text) => add(index, { type: 'text_delta', text }),
    close: () => undefined,
    finish: (delta, usage) => void (end = { ...delta, usage }),
    message: () => ({
      ...head,
      ...end,
      usage: { ...(head.usage as Fields), ...(end.usage as Fields) },
      content: blocks.map(({ block, json }) =>
        block.type === 'tool_use' || block.type === 'server_tool_use'
          ? { ...block, input: parsed(json) }
          : block,
      ),
    }),
  }
}
