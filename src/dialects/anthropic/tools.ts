import { objectOf, type Fields } from '../../fields.ts'
import type { Request } from '../../chat.ts'
import { markOf, own } from '../../formats/anthropic/marks.ts'
import type { Writing } from './blocks.ts'
import { toInputSchema } from './schema.ts'
import { kindOf, lookUp, wordOf } from '../../formats/unchecked.ts'

/** Anthropic's own tools carry their date. */
const isOwn = (tool: Fields): boolean =>
  markOf(tool, own) === true || /_20\d{6}$/.test(wordOf(tool.type)) || tool.type === 'mcp_toolset'

const cached = ({ cache_control }: Fields) => (cache_control ? { cache_control } : {})

const toFunction = (tool: Fields, alike: boolean): Fields => {
  const { name, description, parameters, strict } = objectOf(tool.function)
  return {
    name,
    ...(description !== undefined && description !== null && { description }),
    input_schema: alike ? parameters : toInputSchema(parameters),
    ...(typeof strict === 'boolean' && { strict }),
    ...cached(tool),
  }
}

export const toTools = (
  request: Request,
  { alike, warn }: Writing,
): readonly Fields[] | undefined => {
  if (!Array.isArray(request.tools)) return undefined
  const allowed = allowedIn(request.tool_choice)
  const tools: Fields[] = []
  for (const tool of request.tools as readonly Fields[]) {
    if (tool.type === 'function') tools.push(toFunction(tool, alike))
    else if (isOwn(tool)) tools.push(tool)
    else {
      const type = kindOf(tool.type)
      warn(`tool ${type} is not available at this provider`)
    }
  }
  return allowed ? tools.filter(({ name }) => allowed.has(wordOf(name))) : tools
}

/** The names that a choice narrows the tools to. */
const allowedIn = (choice: unknown): ReadonlySet<string> | undefined => {
  const { type, allowed_tools } = objectOf(choice)
  const { tools } = objectOf(allowed_tools ?? choice)
  if (type !== 'allowed_tools' || !Array.isArray(tools)) return undefined
  const nameOf = (tool: Fields) => objectOf(tool.function ?? tool).name
  return new Set(tools.map((tool: Fields) => wordOf(nameOf(tool))))
}

const types: Readonly<Record<string, string>> = { auto: 'auto', none: 'none', required: 'any' }

const choiceOf = (choice: unknown): Fields | undefined => {
  if (typeof choice === 'string') {
    const type = lookUp(types, choice)
    return type === undefined ? undefined : { type }
  }
  const { type, function: called, allowed_tools, mode } = objectOf(choice)
  if (type === 'allowed_tools') return choiceOf(objectOf(allowed_tools).mode ?? mode ?? 'auto')
  const { name } = objectOf(called)
  return typeof name === 'string' ? { type: 'tool', name } : undefined
}

/** `disable_parallel_tool_use` is part of the choice, so that it brings one with it. */
export const toToolChoice = (request: Request): Fields | undefined => {
  const choice = choiceOf(request.tool_choice)
  const { parallel_tool_calls: parallel } = request
  if (typeof parallel !== 'boolean' || choice?.type === 'none') return choice
  if (!choice && parallel) return undefined
  return { ...(choice ?? { type: 'auto' }), disable_parallel_tool_use: !parallel }
}
