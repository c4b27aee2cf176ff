import { isObject, type Fields } from '../../fields.ts'
import { objectsIn } from '../../formats/gemini.ts'
import { marked } from '../../formats/gemini/marks.ts'
import { toJsonSchema } from '../../formats/gemini/schema.ts'

const readFunction = (written: Fields, within: object): Fields => {
  const { name, description, parameters, parametersJsonSchema } = written
  const schema = parametersJsonSchema ?? toJsonSchema(parameters)
  const own = parametersJsonSchema === undefined && parameters !== undefined
  const made = {
    name,
    ...(description !== undefined && { description }),
    ...(schema !== undefined && { parameters: schema }),
  }
  const origin = { within, ...(own && { written: parameters, read: schema }) }
  return marked({ type: 'function', function: made }, origin)
}

/** A tool for each function, and one for each of Google's own. */
export const readTools = (tools: unknown): readonly Fields[] =>
  objectsIn(tools).flatMap((tool) => {
    const within = {}
    return Object.entries(tool).flatMap(([name, value]) =>
      name === 'functionDeclarations'
        ? objectsIn(value).map((written) => readFunction(written, within))
        : [marked({ type: name, [name]: value }, { within })],
    )
  })

const functionNamed = (name: unknown) => ({ type: 'function', function: { name } })

export const readToolConfig = (config: unknown): Fields => {
  const calling = isObject(config) ? config.functionCallingConfig : undefined
  if (!isObject(calling)) return {}
  const names: readonly unknown[] = Array.isArray(calling.allowedFunctionNames)
    ? calling.allowedFunctionNames
    : []
  const allowed = (mode: string) => ({
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: { mode, tools: names.map(functionNamed) },
    },
  })
  switch (calling.mode) {
    case 'AUTO':
      return { tool_choice: 'auto' }
    case 'NONE':
      return { tool_choice: 'none' }
    case 'VALIDATED':
      return names.length > 0 ? allowed('auto') : {}
    case 'ANY':
      if (names.length === 0) return { tool_choice: 'required' }
      return names.length === 1 ? { tool_choice: functionNamed(names[0]) } : allowed('required')
    default:
      return {}
  }
}
