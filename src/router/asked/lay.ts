import type { Request } from '../../chat.ts'
import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'

/** Fields that say the same thing in other words: who says one of them has said it. */
const synonyms: readonly (readonly string[])[] = [
  ['max_tokens', 'max_completion_tokens'],
  ['reasoning', 'reasoning_effort', 'include_reasoning'],
]

/** What a bundle does not decide: how the client wants its answer, and which model is asked. */
const notIts = ['model', 'stream', 'stream_options', 'preset']

const says = (request: Request, field: string): boolean =>
  (synonyms.find((names) => names.includes(field)) ?? [field]).some(
    (name) => request[name] !== undefined,
  )

/** Of server tools there may be several where each has a name. */
const severally = new Set(['openrouter:advisor', 'openrouter:subagent'])

const identityOf = (tool: unknown): string => {
  const { type, function: called, custom, name, parameters } = objectOf(tool)
  if (isObject(called)) return `function ${String(called.name)}`
  if (isObject(custom)) return `function ${String(custom.name)}`
  if (severally.has(String(type))) return `${String(type)} ${String(objectOf(parameters).name)}`
  return typeof name === 'string' ? `function ${name}` : String(type)
}

/** Each tool once: those of the bundle first, in the request's words where it has them too. */
const union = (bundle: unknown, request: unknown): readonly unknown[] => {
  const own = new Map(listOf(request).map((tool) => [identityOf(tool), tool]))
  const first = new Map(listOf(bundle).map((tool) => [identityOf(tool), tool]))
  return [
    ...[...first].map(([identity, tool]) => own.get(identity) ?? tool),
    ...listOf(request).filter((tool) => !first.has(identityOf(tool))),
  ]
}

/** The request with the fields under its own, tools united; itself where that changes nothing. */
export const lay = (request: Request, under: Fields): Request => {
  const added = Object.entries(under).filter(
    ([field, value]) => value !== undefined && !notIts.includes(field) && !says(request, field),
  )
  const tools =
    Array.isArray(under.tools) && under.tools.length > 0 && Array.isArray(request.tools)
      ? { tools: union(under.tools, request.tools) }
      : undefined
  return added.length === 0 && !tools
    ? request
    : { ...request, ...Object.fromEntries(added), ...tools }
}
