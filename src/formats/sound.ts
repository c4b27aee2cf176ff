import { isObject, type Fields } from '../fields.ts'
import type { Delta, ToolCall } from '../chat.ts'

const isText = (value: unknown): boolean =>
  value === undefined || value === null || typeof value === 'string'

const isNamed = (value: unknown, text: 'arguments' | 'input'): boolean =>
  value === undefined || (isObject(value) && isText(value.name) && isText(value[text]))

const isPlace = (value: unknown): boolean => value === undefined || Number.isSafeInteger(value)

const isCall = (call: unknown): boolean =>
  isObject(call) &&
  isPlace(call.index) &&
  isText(call.id) &&
  isNamed(call.function, 'arguments') &&
  isNamed(call.custom, 'input')

const asText = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  return isObject(value) ? JSON.stringify(value) : undefined
}

const called = (value: unknown, text: 'arguments' | 'input'): Fields | undefined => {
  if (!isObject(value)) return undefined
  const name = typeof value.name === 'string' ? value.name : undefined
  const said = asText(value[text])
  return { ...(name !== undefined && { name }), ...(said !== undefined && { [text]: said }) }
}

const soundCall = (call: unknown): ToolCall[] => {
  if (!isObject(call)) return []
  const { index, id, function: made, custom, ...rest } = call
  return [
    {
      ...rest,
      ...(typeof index === 'number' && isPlace(index) && { index }),
      ...(typeof id === 'string' && { id }),
      ...(isObject(made) && { function: called(made, 'arguments') }),
      ...(isObject(custom) && { custom: called(custom, 'input') }),
    } as ToolCall,
  ]
}

const texts = ['content', 'reasoning', 'reasoning_content', 'refusal'] as const

/** Text that came in parts, as some say it; what is no text is nothing. */
const joined = (value: unknown): string | null =>
  Array.isArray(value)
    ? value
        .map((part) => (isObject(part) && typeof part.text === 'string' ? part.text : ''))
        .join('')
    : null

/** What an answer adds, whoever made it: texts that are texts and calls that are calls; itself where it is sound. */
export const soundDelta = (delta: Delta | undefined): Delta => {
  if (!isObject(delta)) return {}
  const { content, reasoning, reasoning_content, refusal, tool_calls: calls } = delta
  const isSaid =
    isText(content) && isText(reasoning) && isText(reasoning_content) && isText(refusal)
  const areCalls = calls === undefined || (Array.isArray(calls) && calls.every(isCall))
  if (isSaid && areCalls) return delta
  const said = texts.flatMap((field) =>
    isText(delta[field]) ? [] : [[field, joined(delta[field])]],
  )
  const { tool_calls: _calls, ...rest } = delta
  const list: readonly unknown[] = Array.isArray(calls) ? calls : []
  return {
    ...rest,
    ...Object.fromEntries(said),
    ...(list.length > 0 && { tool_calls: list.flatMap(soundCall) }),
  }
}
