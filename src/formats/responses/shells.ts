import { isObject, listOf, type Fields } from '../../fields.ts'
import type { Part, ToolCall } from '../../chat.ts'
import { textOf } from '../responses.ts'

/** Tools of this format that the client carries out: what their calls ask for stands in that field. */
const fields: Readonly<Record<string, string>> = {
  local_shell_call: 'action',
  shell_call: 'action',
  apply_patch_call: 'operation',
}

export const isShellCall = ({ type }: Fields): boolean => Object.hasOwn(fields, textOf(type))

export const isShellOutput = ({ type }: Fields): boolean =>
  textOf(type).endsWith('_output') &&
  Object.hasOwn(fields, textOf(type).slice(0, -'_output'.length))

const fieldOf = ({ type }: Fields): string => fields[textOf(type)] ?? 'action'

/** Such a call as one of a function, so that others can read what was done. */
export const shellCall = (item: Fields): ToolCall => ({
  id: textOf(item.call_id),
  type: 'function',
  function: {
    name: textOf(item.type).slice(0, -'_call'.length),
    arguments: JSON.stringify(item[fieldOf(item)] ?? {}),
  },
})

/** The item with what a plugin changed of its call. */
export const withShellCall = (item: Fields, call: ToolCall): Fields => {
  const text = call.function?.arguments ?? ''
  if (text === shellCall(item).function?.arguments) return item
  try {
    return { ...item, [fieldOf(item)]: JSON.parse(text) as unknown }
  } catch {
    return item
  }
}

const streams = ['stdout', 'stderr'] as const

/** What came out, as texts. */
export const shellOutput = ({ output }: Fields): string | Part[] =>
  Array.isArray(output)
    ? output
        .filter(isObject)
        .flatMap((one) =>
          streams.map((stream): Part => ({ type: 'text', text: textOf(one[stream]) })),
        )
    : textOf(output)

/** The item with what a plugin changed of that. */
export const withShellOutput = (item: Fields, content: unknown): Fields => {
  if (!Array.isArray(item.output))
    return typeof content === 'string' && typeof item.output === 'string'
      ? { ...item, output: content }
      : item
  const texts = listOf(content).map((part) => textOf(isObject(part) ? part.text : ''))
  const outputs = item.output.filter(isObject)
  if (texts.length !== outputs.length * streams.length) return item
  return {
    ...item,
    output: outputs.map((one, at) => ({
      ...one,
      ...(one.stdout !== undefined && { stdout: texts[2 * at] }),
      ...(one.stderr !== undefined && { stderr: texts[2 * at + 1] }),
    })),
  }
}
