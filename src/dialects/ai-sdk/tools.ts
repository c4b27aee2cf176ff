import { objectOf, type Fields } from '../../fields.ts'
import type { Request } from '../../chat.ts'
import { stringOf } from './family.ts'
import { cachedAs, shown, type Warn } from './prompt.ts'

const toTool = (tool: Fields): Fields => {
  const { name, description, parameters, strict } = objectOf(tool.function)
  return {
    type: 'function',
    name,
    ...(typeof description === 'string' && { description }),
    inputSchema: parameters ?? { type: 'object', properties: {} },
    ...(typeof strict === 'boolean' && { strict }),
    ...cachedAs(tool.cache_control),
  }
}

const choiceOf = (choice: unknown): Fields | undefined => {
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { type: choice }
  const name = stringOf(objectOf(objectOf(choice).function).name)
  return name === undefined ? undefined : { type: 'tool', toolName: name }
}

/** The request's functions and its choice among them; tools of other vendors are left out. */
export const toTools = ({ tools, tool_choice }: Request, warn: Warn): Fields => {
  if (!Array.isArray(tools) || tools.length === 0) return {}
  const { type, allowed_tools } = objectOf(tool_choice)
  const narrowed = type === 'allowed_tools' ? objectOf(allowed_tools) : undefined
  const listed = Array.isArray(narrowed?.tools) ? narrowed.tools : undefined
  const allowed = listed && new Set(listed.map((tool) => objectOf(objectOf(tool).function).name))
  const known = tools.map(objectOf).filter((tool) => {
    if (tool.type !== 'function') warn(`tool ${shown(tool.type)} is not available at this provider`)
    return tool.type === 'function' && (allowed?.has(objectOf(tool.function).name) ?? true)
  })
  if (known.length === 0) return {}
  const toolChoice = choiceOf(narrowed ? (narrowed.mode ?? 'auto') : tool_choice)
  return { tools: known.map(toTool), ...(toolChoice && { toolChoice }) }
}
