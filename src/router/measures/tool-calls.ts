import type { Request, ToolCall } from '../../chat.ts'
import { isObject, listOf, objectOf } from '../../fields.ts'
import { parsed } from '../../json.ts'
import { judgedSchema } from './judged-schema.ts'

/** Characters of arguments, and of a schema, above which nobody judges whether they fit. */
const longest = 16 * 1024

/** Loaded when the first call is judged. */
let library: Promise<typeof import('@cfworker/json-schema')> | undefined

type Judge = (value: unknown) => boolean

/** A schema that is missing, too long or cannot be understood fits everything. */
const judgeOf = async (parameters: unknown): Promise<Judge> => {
  const all = () => true
  if (!isObject(parameters) || JSON.stringify(parameters).length > longest) return all
  library ??= import('@cfworker/json-schema')
  const { Validator } = await library
  try {
    const validator = new Validator(judgedSchema(parameters), '7')
    return (value) => validator.validate(value).valid
  } catch {
    return all
  }
}

/** A tool that a call may name; without a name where that is its provider's own business. */
interface Known {
  readonly name: string | undefined
  readonly judge: () => Promise<Judge>
}

const knownOf = (tool: unknown): Known => {
  const { function: called, custom, name: own } = objectOf(tool)
  const { name = own, parameters } = objectOf(called ?? custom)
  let judge: Promise<Judge> | undefined
  return {
    name: typeof name === 'string' ? name : undefined,
    judge: () => (judge ??= judgeOf(parameters)),
  }
}

const isSound = async ({ function: called }: ToolCall, known: readonly Known[]) => {
  if (!called) return true
  const { name = '', arguments: text = '' } = called
  const tool = known.find((one) => one.name === name)
  if (!tool && known.every((one) => one.name !== undefined)) return false
  if (text.length > longest) return true
  // many say nothing for a tool that takes nothing
  const value = text.trim() === '' ? {} : parsed(text)
  if (value === undefined || !tool) return value !== undefined
  const judge = await tool.judge()
  try {
    return judge(value)
  } catch {
    return true
  }
}

/**
 * Whether an answer's tool calls are JSON, name tools of the request and match their schemas (draft 7). What cannot be
 * judged, or not cheaply, is sound.
 */
export const toolCallsSound = async (
  { tools }: Request,
  calls: readonly ToolCall[],
): Promise<boolean> => {
  const known = listOf(tools).map(knownOf)
  for (const call of calls) if (!(await isSound(call, known))) return false
  return true
}
