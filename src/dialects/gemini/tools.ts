import { isObject, type Fields } from '../../fields.ts'
import type { Request } from '../../chat.ts'
import { objectsIn } from '../../formats/gemini.ts'
import { originOf } from '../../formats/gemini/marks.ts'
import type { Warn } from './warn.ts'
import { kindOf, wordOf } from '../../formats/unchecked.ts'

interface Origin {
  readonly within: object
  readonly written?: unknown
  readonly read?: unknown
}

const writeFunction = (made: Fields, origin: Origin | undefined): Fields => {
  const { name, description, parameters } = made
  const own = origin?.written !== undefined && origin.read === parameters
  return {
    name,
    ...(description !== undefined && description !== null && { description }),
    ...(own
      ? { parameters: origin.written }
      : parameters !== undefined && parameters !== null && { parametersJsonSchema: parameters }),
  }
}

/** Functions stand together, Google's own tools as the client put them. */
export const writeTools = (tools: unknown, warn: Warn): Fields[] => {
  const written = new Map<object, Record<string, unknown>>()
  const ours = {}
  const declare = (within: object, declaration: Fields) => {
    const tool = written.get(within) ?? {}
    const known = Array.isArray(tool.functionDeclarations) ? tool.functionDeclarations : []
    written.set(within, { ...tool, functionDeclarations: [...known, declaration] })
  }
  for (const tool of objectsIn(tools)) {
    const origin = originOf<Origin>(tool)
    const type = wordOf(tool.type)
    if (type === 'function' && isObject(tool.function))
      declare(origin?.within ?? ours, writeFunction(tool.function, origin))
    else if (origin)
      written.set(origin.within, { ...written.get(origin.within), [type]: tool[type] })
    // asked for by a plugin, in this format's own words
    else if (type === 'googleSearch') written.set({}, { [type]: tool[type] })
    else warn(`tool ${kindOf(type)} is not available at this provider`)
  }
  return [...written.values()]
}

const nameOf = (tool: unknown): unknown => {
  if (!isObject(tool)) return undefined
  const inner = tool.function ?? tool.custom
  return isObject(inner) ? inner.name : tool.name
}

const calling = (mode: string, names: readonly unknown[] = []): Fields => ({
  toolConfig: {
    functionCallingConfig: {
      mode,
      ...(names.length > 0 && { allowedFunctionNames: names }),
    },
  },
})

export const writeToolChoice = ({ tool_choice: choice }: Request): Fields => {
  if (choice === 'auto') return calling('AUTO')
  if (choice === 'none') return calling('NONE')
  if (choice === 'required') return calling('ANY')
  if (!isObject(choice)) return {}
  if (choice.type !== 'allowed_tools') return calling('ANY', [nameOf(choice)])
  const allowed = isObject(choice.allowed_tools) ? choice.allowed_tools : choice
  const names = objectsIn(allowed.tools)
    .map(nameOf)
    .filter((name) => name !== undefined)
  // only this mode lets the model answer in words and still knows a choice of functions
  return calling(allowed.mode === 'required' ? 'ANY' : 'VALIDATED', names)
}
