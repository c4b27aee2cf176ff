import { isObject, type Fields } from '../../fields.ts'
import type { Call } from '../../chat.ts'

const within = (value: Fields | undefined, ...names: readonly string[]): unknown =>
  names.map((name) => value?.[name]).find((field) => field !== undefined)

const objectIn = (value: Fields | undefined, ...names: readonly string[]): Fields | undefined => {
  const field = within(value, ...names)
  return isObject(field) ? field : undefined
}

/** Whether the client asked to see thoughts, without which Google shows none. */
export const showsThoughts = (call: Call | undefined): boolean => {
  const body = call?.source?.json.value
  const config = objectIn(body, 'generationConfig', 'generation_config')
  const thinking = objectIn(config, 'thinkingConfig', 'thinking_config')
  return within(thinking, 'includeThoughts', 'include_thoughts') === true
}
