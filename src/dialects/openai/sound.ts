import { isObject, type Fields } from '../../fields.ts'
import type { Choice, Chunk, Delta, ToolCall } from '../../chat.ts'
import { GatewayError } from '../../errors.ts'

const isNone = (value: unknown): boolean => value === undefined || value === null
const isText = (value: unknown): boolean => typeof value === 'string' || isNone(value)
const isIndex = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0

const isList = (value: unknown, item: (one: unknown) => boolean): boolean =>
  isNone(value) || (Array.isArray(value) && value.every(item))

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Some servers send the arguments as the object that they stand for. */
const jsonOf = (value: unknown): string =>
  isObject(value) || Array.isArray(value) ? JSON.stringify(value) : textOf(value)

const isSoundCall = (call: unknown): boolean => {
  if (!isObject(call)) return false
  const { id, type, index, function: called, custom } = call
  if (!isText(id) || !isText(type) || !(index === undefined || isIndex(index))) return false
  if (called !== undefined)
    return isObject(called) && isText(called.name) && isText(called.arguments)
  return custom === undefined || (isObject(custom) && isText(custom.name) && isText(custom.input))
}

const mendCall = (call: Fields): ToolCall => {
  const { id, type, index, function: called, custom, ...rest } = call
  return {
    ...rest,
    ...(isIndex(index) && { index }),
    ...(!isNone(id) && { id: String(jsonOf(id) || id) }),
    ...(typeof type === 'string' && { type }),
    ...(isObject(called) && {
      function: {
        ...called,
        name: textOf(called.name),
        arguments: jsonOf(called.arguments),
      },
    }),
    ...(isObject(custom) && {
      custom: { ...custom, name: textOf(custom.name), input: jsonOf(custom.input) },
    }),
  }
}

const isSoundAnnotation = (value: unknown): boolean => {
  if (!isObject(value)) return false
  const { type, url_citation: cited } = value
  if (type !== 'url_citation') return typeof type === 'string'
  return isObject(cited) && typeof cited.url === 'string' && isText(cited.title)
}

const isSoundImage = (value: unknown): boolean =>
  isObject(value) && isObject(value.image_url) && typeof value.image_url.url === 'string'

const texts = ['role', 'content', 'reasoning', 'reasoning_content', 'refusal'] as const

const lists: Readonly<Record<string, (item: unknown) => boolean>> = {
  tool_calls: isSoundCall,
  reasoning_details: isObject,
  annotations: isSoundAnnotation,
  images: isSoundImage,
}

/** Checked field by field: this is done for every event that is not proved to be like another. */
const isSoundDelta = (delta: Fields): boolean =>
  isText(delta.content) &&
  isText(delta.role) &&
  isText(delta.reasoning) &&
  isText(delta.reasoning_content) &&
  isText(delta.refusal) &&
  isList(delta.tool_calls, isSoundCall) &&
  isList(delta.reasoning_details, isObject) &&
  isList(delta.annotations, isSoundAnnotation) &&
  isList(delta.images, isSoundImage)

const textIn = (parts: unknown): string =>
  Array.isArray(parts)
    ? parts.map((part: unknown) => (isObject(part) ? textOf(part.text) : textOf(part))).join('')
    : textOf(parts)

/** Mistral's models that reason give their content in parts. */
const fromParts = (parts: readonly unknown[]): Delta => {
  const thoughts = parts.filter(isObject).filter(({ type }) => type === 'thinking')
  const reasoning = thoughts.map(({ thinking }) => textIn(thinking)).join('')
  const content = textIn(parts.filter((part) => !thoughts.some((thought) => thought === part)))
  return { content, ...(reasoning !== '' && { reasoning }) }
}

const mendList = (name: string, value: unknown): readonly unknown[] => {
  const items = (Array.isArray(value) ? value : []).filter(isObject)
  return name === 'tool_calls' ? items.map(mendCall) : items.filter(lists[name] ?? isObject)
}

const mendDelta = (delta: Fields): Delta => {
  const mended: Record<string, unknown> = { ...delta }
  for (const name of texts) if (!isText(delta[name])) delete mended[name]
  if (Array.isArray(delta.content)) Object.assign(mended, fromParts(delta.content))
  for (const name of Object.keys(lists))
    if (!isNone(delta[name])) mended[name] = mendList(name, delta[name])
  return mended
}

const isSoundChoice = (choice: unknown): boolean =>
  isObject(choice) &&
  isIndex(choice.index) &&
  isText(choice.finish_reason) &&
  (choice.text === undefined || typeof choice.text === 'string') &&
  (choice.delta === undefined || (isObject(choice.delta) && isSoundDelta(choice.delta)))

const mendChoice = (choice: unknown, position: number): Choice => {
  if (!isObject(choice)) throw new GatewayError('upstream_invalid_response')
  if (isSoundChoice(choice)) return choice as unknown as Choice
  const { index, finish_reason, text, delta, ...rest } = choice
  return {
    ...rest,
    index: isIndex(index) ? index : position,
    ...(text !== undefined && { text: textOf(text) }),
    ...(delta !== undefined && { delta: isObject(delta) ? mendDelta(delta) : {} }),
    finish_reason: textOf(finish_reason) || null,
  }
}

const isName = (value: unknown): boolean => value === undefined || typeof value === 'string'

/**
 * An event, or a whole answer with deltas, in which every field that anybody here reads is of its type: itself, where
 * the provider kept to the format. Throws `upstream_invalid_response` for what has no choices that could be read.
 */
export const toSound = (body: Fields): Chunk => {
  const { id, object, created, model, provider, choices } = body
  const named = isName(id) && isName(object) && isName(model) && isName(provider)
  const dated = created === undefined || Number.isInteger(created)
  if (named && dated && Array.isArray(choices) && choices.every(isSoundChoice)) return body as Chunk
  if (!isNone(choices) && !Array.isArray(choices))
    throw new GatewayError('upstream_invalid_response')
  const mended: Record<string, unknown> = { ...body }
  for (const name of ['id', 'object', 'model', 'provider'])
    if (!isName(body[name])) delete mended[name]
  if (typeof created === 'number') mended.created = Math.floor(created)
  else delete mended.created
  return { ...mended, choices: Array.isArray(choices) ? choices.map(mendChoice) : [] }
}
