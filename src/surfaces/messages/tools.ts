import { isObject, type Fields } from '../../fields.ts'
import { own } from '../../formats/anthropic/marks.ts'
import { lookUp } from '../../formats/unchecked.ts'

const isFunction = ({ type, name }: Fields): boolean =>
  (type === undefined || type === null || type === 'custom') && typeof name === 'string'

const toTool = (tool: Fields): Fields => {
  if (!isFunction(tool)) return { ...tool, [own]: true }
  const { name, description, input_schema, strict, cache_control } = tool
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      ...(input_schema !== undefined && { parameters: input_schema }),
      ...(typeof strict === 'boolean' && { strict }),
    },
    ...(cache_control ? { cache_control } : {}),
  }
}

const choices: Readonly<Record<string, string>> = { auto: 'auto', any: 'required', none: 'none' }

const toChoice = (choice: Fields): Fields => {
  const { type, name, disable_parallel_tool_use: alone } = choice
  const known = lookUp(choices, type)
  const tool_choice =
    type === 'tool'
      ? { type: 'function', function: { name } }
      : known === undefined
        ? 'auto'
        : known
  return { tool_choice, ...(typeof alone === 'boolean' && { parallel_tool_calls: !alone }) }
}

/** Tools and the choice among them. */
export const toTools = ({ tools, tool_choice }: Fields): Fields => ({
  ...(Array.isArray(tools) && { tools: tools.filter(isObject).map(toTool) }),
  ...(isObject(tool_choice) && toChoice(tool_choice)),
})
