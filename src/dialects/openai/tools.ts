import { isObject, type Fields } from '../../fields.ts'
import type { Request } from '../../chat.ts'
import type { ProviderConfig } from '../../config.ts'
import type { Family } from './family.ts'
import { unavailable, type Warn } from './messages.ts'

const isHosted = (tool: Fields, { router }: Family): boolean =>
  router && /^openrouter:|^web_search(_preview)?$/.test(String(tool.type))

const toFunction = ({ function: made, cache_control }: Fields, { caching }: Family): Fields => {
  const { name, description, parameters, strict } = isObject(made) ? made : {}
  return {
    type: 'function',
    function: {
      name,
      ...(description !== undefined && { description }),
      ...(parameters !== undefined && { parameters }),
      ...(strict !== undefined && { strict }),
    },
    ...(caching && cache_control !== undefined && { cache_control }),
  }
}

const nameOf = (tool: Fields): unknown => {
  const made = tool[String(tool.type)]
  return isObject(made) ? made.name : undefined
}

interface Choice {
  readonly tools: readonly Fields[]
  readonly tool_choice?: unknown
}

/** The choice among the tools that are left; a list of allowed ones takes the others away where it is not known. */
const choose = (tools: readonly Fields[], wanted: unknown, { own }: Family): Choice => {
  if (!isObject(wanted)) return { tools, tool_choice: wanted }
  if (wanted.type !== 'allowed_tools') {
    const name = nameOf(wanted)
    return tools.some((tool) => nameOf(tool) === name) ? { tools, tool_choice: wanted } : { tools }
  }
  const allowed = isObject(wanted.allowed_tools) ? wanted.allowed_tools : wanted
  const names = Array.isArray(allowed.tools) ? allowed.tools.map(nameOf) : []
  const left = tools.filter((tool) => names.includes(nameOf(tool)))
  if (own && left.length === names.length) return { tools, tool_choice: wanted }
  return { tools: left, tool_choice: allowed.mode }
}

/** The tools, and what is to be done with them; nothing of it where no tool is left. */
export const toTools = (
  { tools, tool_choice, parallel_tool_calls }: Request,
  { quirks }: ProviderConfig,
  family: Family,
  warn: Warn,
): Fields => {
  const able = (Array.isArray(tools) ? tools : []).filter(isObject).flatMap((tool): Fields[] => {
    if (tool.type === 'function') return [toFunction(tool, family)]
    if ((tool.type === 'custom' && quirks.custom_tools) || isHosted(tool, family)) return [tool]
    unavailable(warn, 'tool', tool.type)
    return []
  })
  const chosen = choose(able, tool_choice, family)
  if (chosen.tools.length === 0) return {}
  return {
    tools: chosen.tools,
    ...(chosen.tool_choice !== undefined && { tool_choice: chosen.tool_choice }),
    ...(parallel_tool_calls !== undefined && { parallel_tool_calls }),
  }
}
