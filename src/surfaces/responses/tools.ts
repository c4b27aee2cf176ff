import { isObject, listOf, type Fields } from '../../fields.ts'
import { withRaw } from '../../formats/responses/origin.ts'
import { flatName, isNamespace } from '../../formats/responses/names.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** What stands for a field and is not null. */
const set = (name: string, value: unknown): Fields =>
  value === undefined || value === null ? {} : { [name]: value }

/** Responses write a grammar flat, chat completions in an object of its own. */
const formatOf = (format: unknown): Fields => {
  if (!isObject(format)) return {}
  const { type, syntax, definition } = format
  return { format: type === 'grammar' ? { type, grammar: { syntax, definition } } : format }
}

const toTool = (tool: Fields, namespace?: unknown): Fields => {
  const { type, name, description, parameters, strict, format } = tool
  const called = { name: flatName(namespace, wordOf(name)), ...set('description', description) }
  if (type === 'function')
    return {
      type,
      function: { ...called, ...set('parameters', parameters), ...set('strict', strict) },
    }
  if (type === 'custom') return { type, custom: { ...called, ...formatOf(format) } }
  return tool
}

/** Tools as chat completions name them; those of a namespace stand alone, hosted ones stay as they came. */
export const toTools = (tools: unknown): unknown[] =>
  listOf(tools).flatMap((tool): unknown => {
    if (!isObject(tool)) return [tool]
    if (!isNamespace(tool)) return [withRaw(toTool(tool), tool)]
    return listOf(tool.tools)
      .filter(isObject)
      .map((nested) => withRaw(toTool(nested, tool.name), { ...tool, tools: [nested] }))
  })

const isNamed = ({ type, name }: Fields): boolean =>
  (type === 'function' || type === 'custom') && typeof name === 'string'

/** The choice of a tool as chat completions write it; that of a hosted one stays as it came. */
export const toToolChoice = (choice: unknown): unknown => {
  if (!isObject(choice)) return choice
  const { type, name, namespace, mode, tools } = choice
  if (isNamed(choice)) return { type, [wordOf(type)]: { name: flatName(namespace, wordOf(name)) } }
  if (type === 'allowed_tools' && Array.isArray(tools))
    return { type, allowed_tools: { mode, tools: tools.map(toToolChoice) } }
  return choice
}
