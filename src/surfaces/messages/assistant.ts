import { isObject, type Fields } from '../../fields.ts'
import type { Message, Part, ToolCall } from '../../chat.ts'
import { claudeFormat } from '../../formats/anthropic.ts'
import { marked, place, sealed, turn } from '../../formats/anthropic/marks.ts'
import { open } from '../../formats/envelope.ts'
import { toParts } from './content.ts'
import { readRuns } from './server-tools.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** Another vendor's thoughts out of their envelope; what was readable stands beside it. */
const opened = (block: Fields, at: number): Fields[] | undefined => {
  const details = open(block.type === 'thinking' ? block.signature : block.data)
  if (!details) return undefined
  const readable = typeof block.thinking === 'string' ? block.thinking : ''
  return details.filter(isObject).map((detail) => {
    const { text, summary } = detail
    const missing =
      detail.type === 'reasoning.summary' && summary === undefined
        ? { summary: readable }
        : detail.type === 'reasoning.text' && text === undefined
          ? { text: readable }
          : {}
    return { ...detail, ...missing, [sealed]: block, [place]: at }
  })
}

const toDetails = (block: Fields, index: number, at: number): Fields[] => {
  const foreign = opened(block, at)
  if (foreign) return foreign
  const named = { format: claudeFormat, index, [place]: at }
  if (block.type === 'redacted_thinking')
    return [{ type: 'reasoning.encrypted', data: block.data, ...named }]
  const { thinking, signature } = block
  return [
    {
      type: 'reasoning.text',
      text: typeof thinking === 'string' ? thinking : '',
      ...(signature !== undefined && { signature }),
      ...named,
    },
  ]
}

const toCall = ({ id, name, input }: Fields, at: number): ToolCall => {
  const called = { name: wordOf(name), arguments: JSON.stringify(input ?? {}) }
  return marked({ id: wordOf(id), type: 'function', function: called }, { [place]: at })
}

const textOf = ({ text, summary }: Fields): string =>
  typeof text === 'string' ? text : typeof summary === 'string' ? summary : ''

/** An assistant's turn: what it thought, said and called, each knowing where it stood. */
export const toAssistant = (message: Fields, content: readonly Fields[]): Message => {
  const details: Fields[] = []
  const parts: Part[] = []
  const calls: ToolCall[] = []
  const runs = readRuns(content)
  content.forEach((block, at) => {
    const run = runs.get(block)
    if (run) details.push(run)
    else if (runs.has(block)) return
    else if (block.type === 'thinking' || block.type === 'redacted_thinking')
      details.push(...toDetails(block, details.length, at))
    else if (block.type === 'tool_use') calls.push(toCall(block, at))
    else parts.push(...toParts(block).map((part) => ({ ...part, [place]: at })))
  })
  const reasoning = details.map(textOf).join('')
  const said: Message = {
    role: 'assistant',
    content: parts.length > 0 || calls.length === 0 ? parts : null,
    ...(reasoning !== '' && { reasoning }),
    ...(details.length > 0 && { reasoning_details: details }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
  return marked(said, { [turn]: message })
}
