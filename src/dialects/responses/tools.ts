import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'
import { rawOf } from '../../formats/responses/origin.ts'
import { textOf } from '../../formats/responses.ts'
import { nameAsWritten } from './items.ts'
import type { Warn } from './parts.ts'
import { kindOf } from '../../formats/unchecked.ts'

/** Hosted tools of this format, by the first part of their names. */
const hosted =
  /^(web_search|file_search|code_interpreter|image_generation|mcp|computer|local_shell|shell|apply_patch|tool_search|programmatic_tool_calling|namespace|openrouter:)/

/** Other vendors' tools whose names begin alike. */
const versioned = /_20\d{6}$/

const formatOf = (format: unknown): Fields => {
  if (!isObject(format)) return {}
  const grammar = isObject(format.grammar) ? format.grammar : undefined
  return { format: grammar ? { type: 'grammar', ...grammar } : format }
}

const asWritten = (raw: Fields, tool: Fields, namespace?: unknown): Fields => {
  const said = objectOf(tool[textOf(tool.type)])
  if (Object.keys(said).length === 0) return raw
  const { description, parameters } = said
  return {
    ...raw,
    name: nameAsWritten(said.name, { namespace, name: raw.name }),
    ...(description !== undefined && { description }),
    ...(parameters !== undefined && { parameters }),
  }
}

const toTool = (tool: Fields, warn: Warn): Fields | undefined => {
  const { type } = tool
  if (type === 'function') {
    const { name, description, parameters, strict } = objectOf(tool.function)
    return {
      type,
      name,
      ...(description !== undefined && { description }),
      parameters: parameters ?? { type: 'object', properties: {} },
      // chat completions mean false by nothing, Responses true
      strict: strict ?? false,
    }
  }
  if (type === 'custom') {
    const { name, description, format } = objectOf(tool.custom)
    return { type, name, ...(description !== undefined && { description }), ...formatOf(format) }
  }
  const name = textOf(type)
  if (hosted.test(name) && (!versioned.test(name) || name.startsWith('web_search_preview')))
    return tool
  warn(`tool ${kindOf(name)} is not available at this provider`)
  return undefined
}

/** Canonical tools in this format; those of one namespace stand in it again. */
export const fromTools = (tools: unknown, warn: Warn): Fields[] => {
  const made: Fields[] = []
  for (const tool of listOf(tools)) {
    if (!isObject(tool)) continue
    const raw = rawOf(tool)
    const nested = raw?.type === 'namespace' ? listOf(raw.tools).find(isObject) : undefined
    if (raw && nested && tool.type !== 'namespace') {
      const last = made.at(-1)
      const inner = asWritten(nested, tool, raw.name)
      if (last?.type === 'namespace' && last.name === raw.name)
        made[made.length - 1] = { ...last, tools: [...listOf(last.tools), inner] }
      else made.push({ ...raw, tools: [inner] })
      continue
    }
    const one = raw ? asWritten(raw, tool) : toTool(tool, warn)
    if (one) made.push(one)
  }
  return made
}

/** The canonical choice of a tool in this format. */
export const fromToolChoice = (choice: unknown): unknown => {
  if (!isObject(choice)) return choice
  const { type } = choice
  if (type === 'function' || type === 'custom')
    return { type, name: objectOf(choice[type]).name ?? choice.name }
  if (type === 'allowed_tools' && isObject(choice.allowed_tools)) {
    const { mode, tools } = choice.allowed_tools
    return { type, mode, tools: listOf(tools).map(fromToolChoice) }
  }
  return choice
}
