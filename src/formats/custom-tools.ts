import { isObject, listOf, type Fields } from '../fields.ts'
import type { Chunk, Message, Request, ToolCall } from '../chat.ts'
import { createOneString, type OneString } from './one-string.ts'
import { wordOf } from './unchecked.ts'

const customOf = (value: unknown): Fields | undefined =>
  isObject(value) && value.type === 'custom' && isObject(value.custom) ? value.custom : undefined

/** The names of the request's custom tools: those whose input is free text. */
export const customNames = ({ tools }: Request): ReadonlySet<string> =>
  new Set(
    listOf(tools)
      .flatMap((tool) => customOf(tool)?.name ?? [])
      .map((name) => wordOf(name)),
  )

/** What the model is told of a grammar that nothing enforces. */
const grammarHelp = (format: unknown): string => {
  const grammar = isObject(format) && isObject(format.grammar) ? format.grammar : undefined
  if (typeof grammar?.definition !== 'string') return ''
  return `\n\nThe input must match this ${wordOf(grammar.syntax, 'lark')} grammar:\n${grammar.definition}`
}

/** A custom tool as a function whose one parameter is its text; other tools as they are. */
export const toolAsFunction = (tool: unknown): unknown => {
  const custom = customOf(tool)
  if (!custom) return tool
  const { name, description, format } = custom
  const text = (typeof description === 'string' ? description : '') + grammarHelp(format)
  const { custom: _custom, type: _type, ...rest } = tool as Fields
  return {
    ...rest,
    type: 'function',
    function: {
      name,
      ...(text !== '' && { description: text }),
      parameters: {
        type: 'object',
        properties: { input: { type: 'string', description: 'The whole input, as plain text.' } },
        required: ['input'],
        additionalProperties: false,
      },
    },
  }
}

/** A custom tool's call as one of that function; other calls as they are. */
export const callAsFunction = (call: ToolCall): ToolCall => {
  const custom = customOf(call)
  if (!custom) return call
  const { custom: _custom, ...rest } = call
  return {
    ...rest,
    type: 'function',
    function: {
      name: wordOf(custom.name),
      arguments: JSON.stringify({ input: custom.input ?? '' }),
    },
  }
}

const messageAsFunctions = (message: Message): Message =>
  Array.isArray(message.tool_calls) && message.tool_calls.some(customOf)
    ? { ...message, tool_calls: message.tool_calls.map(callAsFunction) }
    : message

const choiceAsFunction = (choice: unknown): unknown => {
  const custom = customOf(choice)
  if (custom) return { type: 'function', function: { name: custom.name } }
  if (!isObject(choice) || choice.type !== 'allowed_tools' || !isObject(choice.allowed_tools))
    return choice
  const tools = listOf(choice.allowed_tools.tools).map(choiceAsFunction)
  return { ...choice, allowed_tools: { ...choice.allowed_tools, tools } }
}

/** The request for a provider that has no custom tools: they, their calls and the choice of one are functions. */
export const withoutCustomTools = (request: Request): Request => {
  const { tools, tool_choice, messages } = request
  const mapped = messages?.map(messageAsFunctions)
  const custom = listOf(tools).some(customOf)
  if (!custom && !mapped?.some((message, at) => message !== messages?.[at])) return request
  return {
    ...request,
    ...(Array.isArray(tools) && { tools: tools.map(toolAsFunction) }),
    ...(tool_choice !== undefined && { tool_choice: choiceAsFunction(tool_choice) }),
    ...(mapped && { messages: mapped }),
  }
}

/** A custom tool's text out of the arguments of the function that stood for it. */
export const inputOf = (json: string): string => {
  const string = createOneString()
  return string.push(json) + string.end()
}

interface Open {
  readonly index: number
  readonly string: OneString
}

/** Turns the functions that stood for custom tools back, in the pieces of one answer. */
export interface CustomCalls {
  /** The chunk with custom calls where there were such functions; itself without any. */
  restore(chunk: Chunk): Chunk
}

/** @param names of the request's custom tools */
export const createCustomCalls = (names: ReadonlySet<string>): CustomCalls => {
  const open = new Map<number, Open>()

  const piece = (call: ToolCall, position: number, whole: boolean): ToolCall => {
    const { index = position, function: called, ...rest } = call
    const known = open.get(index)
    const begins = known === undefined && names.has(wordOf(called?.name))
    if (!known && !begins) return call
    const { string } = known ?? { string: createOneString() }
    if (!known && !whole) open.set(index, { index, string })
    const input = string.push(called?.arguments ?? '') + (whole ? string.end() : '')
    return {
      ...rest,
      ...(call.index !== undefined && { index: call.index }),
      ...(begins || call.type !== undefined ? { type: 'custom' } : {}),
      custom: { ...(begins && { name: called?.name }), input },
    }
  }

  /** What calls of another shape still hold, when the answer ends. */
  const rest = (): ToolCall[] => {
    const left = [...open.values()].map(({ index, string }) => ({
      index,
      custom: { input: string.end() },
    }))
    open.clear()
    return left.filter(({ custom }) => custom.input !== '')
  }

  return {
    restore(chunk) {
      if (names.size === 0 || !chunk.choices) return chunk
      const whole = chunk.object === 'chat.completion'
      let changed = false
      const choices = chunk.choices.map((choice) => {
        const calls = choice.delta?.tool_calls
        const pieces = calls?.map((call, at) => piece(call, at, whole)) ?? []
        const restored = choice.finish_reason ? [...pieces, ...rest()] : pieces
        if (
          restored.length === (calls?.length ?? 0) &&
          restored.every((one, at) => one === calls?.[at])
        )
          return choice
        changed = true
        return { ...choice, delta: { ...choice.delta, tool_calls: restored } }
      })
      return changed ? { ...chunk, choices } : chunk
    },
  }
}
