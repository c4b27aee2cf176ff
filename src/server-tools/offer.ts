import type { Call, Request } from '../chat.ts'
import { isObject, listOf, objectOf, type Fields } from '../fields.ts'
import { typeOf, type Replaces, type ServerTool } from './tool.ts'

/** The tools that are offered in a request, by the names that the model knows. */
export type Registry = Map<string, ServerTool>

const nameOf = (entry: unknown): string | undefined => {
  if (!isObject(entry)) return undefined
  const { function: called, custom, name } = entry
  const found = objectOf(called ?? custom).name ?? name
  return typeof found === 'string' ? found : undefined
}

const definitionOf = ({ description, parameters }: ServerTool, name: string): Fields => ({
  type: 'function',
  function: { name, description, parameters },
})

/** A name that nobody else has. */
const freeName = (wanted: string, taken: ReadonlySet<string>): string => {
  for (let at = 1; ; at++) {
    const name = at === 1 ? wanted : `${wanted}_${at}`
    if (!taken.has(name)) return name
  }
}

const chosen = (choice: unknown, names: ReadonlyMap<unknown, string>): unknown => {
  if (!isObject(choice)) return choice
  if (choice.type === 'allowed_tools') {
    const inner = isObject(choice.allowed_tools) ? choice.allowed_tools : choice
    const tools = listOf(inner.tools).map((one) => chosen(one, names))
    const changed = { ...inner, tools }
    return inner === choice ? changed : { ...choice, allowed_tools: changed }
  }
  const name = names.get(choice.type === 'function' ? nameOf(choice) : choice.type)
  return name === undefined ? choice : { type: 'function', function: { name } }
}

/**
 * The request with the tools as functions: each in the place of the entry that asked for it, the others at the end. What
 * the request chose among its tools is said in their names.
 */
export const offer = (
  { request }: Call,
  registry: Registry,
  tools: readonly ServerTool[],
  replaces: Replaces = () => undefined,
): Request => {
  const entries = listOf(request.tools)
  const asked = entries.map((entry) => ({ entry, tool: replaces(entry) }))
  if (tools.length === 0 && !asked.some(({ tool }) => tool)) return request
  const taken = new Set(
    asked.flatMap(({ entry, tool }) => {
      const name = tool ? undefined : nameOf(entry)
      return name === undefined ? [] : [name]
    }),
  )
  const names = new Map<unknown, string>()
  const define = (tool: ServerTool): Fields | undefined => {
    const known = names.get(typeOf(tool))
    if (known !== undefined) return undefined
    const name = freeName(tool.name, taken)
    taken.add(name)
    names.set(typeOf(tool), name)
    registry.set(name, tool)
    return definitionOf(tool, name)
  }
  const replaced = asked.flatMap(({ entry, tool }): unknown[] => {
    if (!tool) return [entry]
    const definition = define(tool)
    const { type, name, cache_control } = objectOf(entry)
    const known = names.get(typeOf(tool))
    if (known !== undefined) for (const alias of [type, name]) if (alias) names.set(alias, known)
    return definition ? [{ ...definition, ...(cache_control ? { cache_control } : {}) }] : []
  })
  const added = tools.map(define).filter((definition) => definition !== undefined)
  return {
    ...request,
    tools: [...replaced, ...added],
    ...('tool_choice' in request && { tool_choice: chosen(request.tool_choice, names) }),
  }
}

const isForced = (choice: unknown): boolean =>
  choice === 'required' || (isObject(choice) && choice.type !== 'allowed_tools')

/** What is left of a choice once a tool was called: it asked for one call, not for one in each turn. */
export const loosened = (choice: unknown): unknown => {
  if (isForced(choice)) return 'auto'
  if (!isObject(choice)) return choice
  const { allowed_tools: inner } = choice
  return isObject(inner) && inner.mode === 'required'
    ? { ...choice, allowed_tools: { ...inner, mode: 'auto' } }
    : choice
}
