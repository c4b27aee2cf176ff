import type { Fields } from '../../fields.ts'
import type { Delta } from '../../chat.ts'
import { claudeFormat } from '../../formats/anthropic.ts'
import { citationsOf } from './citations.ts'

/** What the blocks of one message count together. */
export interface Counters {
  tools: number
  thoughts: number
  /** Of the text so far, in UTF-16 code units. */
  length: number
}

/** One content block: what its start, its deltas and its end add to the answer. */
export interface Block {
  readonly start?: Delta
  add(delta: Fields): Delta | undefined
  stop(): Delta | undefined
}

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const textBlock = (block: Fields, counters: Counters): Block => {
  const began = counters.length
  const citations: unknown[] = Array.isArray(block.citations) ? [...block.citations] : []
  const say = (said: string): Delta | undefined => {
    counters.length += said.length
    return said === '' ? undefined : { content: said }
  }
  const start = say(text(block.text))
  return {
    ...(start && { start }),
    add: (delta) => {
      if (delta.type === 'citations_delta') citations.push(delta.citation)
      return delta.type === 'text_delta' ? say(text(delta.text)) : undefined
    },
    stop: () => {
      const annotations = citationsOf(citations, began, counters.length)
      return annotations.length > 0 ? { annotations } : undefined
    },
  }
}

const thinkingBlock = (block: Fields, counters: Counters): Block => {
  const index = counters.thoughts++
  const detail = (said: Fields): Delta => ({
    reasoning_details: [{ type: 'reasoning.text', ...said, format: claudeFormat, index }],
  })
  const say = (thought: string, signature: string): Delta | undefined => {
    if (thought === '' && signature === '') return undefined
    return {
      ...(thought !== '' && { reasoning: thought }),
      ...detail({
        ...(thought !== '' && { text: thought }),
        ...(signature !== '' && { signature }),
      }),
    }
  }
  const start = say(text(block.thinking), text(block.signature))
  return {
    ...(start && { start }),
    add: (delta) => {
      if (delta.type === 'thinking_delta') return say(text(delta.thinking), '')
      return delta.type === 'signature_delta' ? say('', text(delta.signature)) : undefined
    },
    stop: () => undefined,
  }
}

const redactedBlock = ({ data }: Fields, counters: Counters): Block => ({
  start: {
    reasoning_details: [
      { type: 'reasoning.encrypted', data, format: claudeFormat, index: counters.thoughts++ },
    ],
  },
  add: () => undefined,
  stop: () => undefined,
})

/** The input as text: streamed after an empty start, or all in the start. */
const toolBlock = (block: Fields, counters: Counters): Block => {
  const index = counters.tools++
  const { id, name, input } = block
  let silent = true
  const say = (fragment: string): Delta => ({
    tool_calls: [{ index, function: { arguments: fragment } }],
  })
  return {
    start: {
      tool_calls: [
        { index, id: text(id), type: 'function', function: { name: text(name), arguments: '' } },
      ],
    },
    add: (delta) => {
      const fragment = delta.type === 'input_json_delta' ? text(delta.partial_json) : ''
      if (fragment === '') return undefined
      silent = false
      return say(fragment)
    },
    stop: () => (silent ? say(JSON.stringify(input ?? {})) : undefined),
  }
}

/** Blocks that say nothing to other formats: server tools and what is new. */
const silentBlock: Block = { add: () => undefined, stop: () => undefined }

export const createBlock = (block: Fields, counters: Counters): Block => {
  switch (block.type) {
    case 'text':
      return textBlock(block, counters)
    case 'thinking':
      return thinkingBlock(block, counters)
    case 'redacted_thinking':
      return redactedBlock(block, counters)
    case 'tool_use':
      return toolBlock(block, counters)
    default:
      return silentBlock
  }
}
