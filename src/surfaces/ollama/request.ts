import { isObject, type Fields } from '../../fields.ts'
import * as v from 'valibot'
import type { Message, Request } from '../../chat.ts'
import { optionNames, toModel } from '../../formats/ollama.ts'
import { toContent, toMessages } from './messages.ts'
import { countOf, wordOf } from '../../formats/unchecked.ts'

export const name = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(512),
  v.check((text) => !/\p{Cc}/u.test(text), 'control characters are not allowed'),
  v.description('A route, or provider/model.'),
  v.examples(['demo/demo']),
)

const shared = {
  model: name,
  stream: v.pipe(v.optional(v.nullable(v.boolean())), v.description('Default true.')),
  format: v.optional(v.nullable(v.union([v.string(), v.looseObject({})]))),
  options: v.optional(v.nullable(v.looseObject({}))),
  think: v.optional(v.nullable(v.union([v.boolean(), v.string()]))),
}

export const chatSchema = v.looseObject({
  ...shared,
  messages: v.pipe(
    v.array(v.looseObject({ role: v.string() })),
    v.minLength(1),
    v.examples([[{ role: 'user', content: 'Say hello.' }]]),
  ),
  tools: v.optional(v.nullable(v.array(v.looseObject({ type: v.string() })))),
})

export const generateSchema = v.looseObject({
  ...shared,
  prompt: v.pipe(v.string(), v.examples(['Say hello.'])),
  system: v.optional(v.nullable(v.string())),
})

const toReasoning = (think: unknown): Fields | undefined => {
  if (typeof think === 'boolean') return { enabled: think }
  return typeof think === 'string' ? { effort: think } : undefined
}

const toFormat = (format: unknown): Fields | undefined => {
  if (format === 'json') return { type: 'json_object' }
  return isObject(format)
    ? { type: 'json_schema', json_schema: { name: 'answer', schema: format } }
    : undefined
}

const toOptions = (options: unknown): Fields =>
  Object.fromEntries(
    Object.entries(isObject(options) ? options : {}).flatMap(([option, value]) => {
      const known = Object.hasOwn(optionNames, option) ? optionNames[option] : undefined
      // limits below 1 mean none
      const none = option === 'num_predict' && countOf(Number(wordOf(value))) === 0
      return known === undefined || value === null || none ? [] : [[known, value]]
    }),
  )

/** What both of its forms of a question have. */
const toRequest = (body: Fields, messages: readonly Message[]): Request => {
  const reasoning = toReasoning(body.think)
  const response_format = toFormat(body.format)
  return {
    model: toModel(wordOf(body.model)),
    messages,
    stream: body.stream !== false,
    ...toOptions(body.options),
    ...(Array.isArray(body.tools) && body.tools.length > 0 && { tools: body.tools }),
    ...(reasoning && { reasoning }),
    ...(response_format && { response_format }),
  }
}

export const fromChat = (body: Fields): Request =>
  toRequest(body, toMessages(Array.isArray(body.messages) ? body.messages.filter(isObject) : []))

export const fromGenerate = (body: Fields): Request =>
  toRequest(body, [
    ...(typeof body.system === 'string' && body.system !== ''
      ? [{ role: 'system', content: body.system }]
      : []),
    { role: 'user', content: toContent(body.prompt, body.images) },
  ])
