import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Ajv from 'ajv/dist/2020'
import addFormats from 'ajv-formats'

const document = join(import.meta.dir, '../../../shared/reference/openai-openapi.json')

type Check = (value: unknown) => string | undefined

/** OpenAI says null here before the end or by default, which its document does not allow. */
const nulls = ['usage', 'user', 'prompt_cache_options']

const lawful = (value: any): unknown => {
  if (!value?.response) return value
  const fields = Object.entries(value.response).filter(
    ([key, one]) => one !== null || !nulls.includes(key),
  )
  return { ...value, response: Object.fromEntries(fields) }
}

/** Judges by OpenAI's own document: what is wrong with a value of that schema. Where it is not at hand, nothing is. */
/** Their `oneOf` means any: a message of input is one of theirs in two ways. */
const loose = (schema: any): any => {
  if (Array.isArray(schema)) return schema.map(loose)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key === 'oneOf' ? 'anyOf' : key, loose(value)]),
  )
}

const createJudge = (): ((schema: string) => Check) => {
  if (!existsSync(document)) return () => () => undefined
  const { components } = JSON.parse(readFileSync(document, 'utf8'))
  const ajv = new Ajv({ strict: false, allErrors: false, validateFormats: false })
  addFormats(ajv)
  ajv.addSchema({ $id: 'openai', components: loose(components) })
  const known = new Map<string, Check>()
  return (schema) => {
    const check = known.get(schema)
    if (check) return check
    const validate = ajv.compile({ $ref: `openai#/components/schemas/${schema}` })
    const made: Check = (value) =>
      validate(lawful(value)) ? undefined : `${schema}: ${ajv.errorsText(validate.errors)}`
    known.set(schema, made)
    return made
  }
}

export const judge = createJudge()

const eventSchemas: Readonly<Record<string, string>> = {
  'response.created': 'ResponseCreatedEvent',
  'response.in_progress': 'ResponseInProgressEvent',
  'response.completed': 'ResponseCompletedEvent',
  'response.incomplete': 'ResponseIncompleteEvent',
  'response.failed': 'ResponseFailedEvent',
  'response.output_item.added': 'ResponseOutputItemAddedEvent',
  'response.output_item.done': 'ResponseOutputItemDoneEvent',
  'response.content_part.added': 'ResponseContentPartAddedEvent',
  'response.content_part.done': 'ResponseContentPartDoneEvent',
  'response.output_text.delta': 'ResponseTextDeltaEvent',
  'response.output_text.done': 'ResponseTextDoneEvent',
  'response.output_text.annotation.added': 'ResponseOutputTextAnnotationAddedEvent',
  'response.refusal.delta': 'ResponseRefusalDeltaEvent',
  'response.refusal.done': 'ResponseRefusalDoneEvent',
  'response.function_call_arguments.delta': 'ResponseFunctionCallArgumentsDeltaEvent',
  'response.function_call_arguments.done': 'ResponseFunctionCallArgumentsDoneEvent',
  'response.custom_tool_call_input.delta': 'ResponseCustomToolCallInputDeltaEvent',
  'response.custom_tool_call_input.done': 'ResponseCustomToolCallInputDoneEvent',
  'response.reasoning_summary_part.added': 'ResponseReasoningSummaryPartAddedEvent',
  'response.reasoning_summary_part.done': 'ResponseReasoningSummaryPartDoneEvent',
  'response.reasoning_summary_text.delta': 'ResponseReasoningSummaryTextDeltaEvent',
  'response.reasoning_summary_text.done': 'ResponseReasoningSummaryTextDoneEvent',
  'response.reasoning_text.delta': 'ResponseReasoningTextDeltaEvent',
  'response.reasoning_text.done': 'ResponseReasoningTextDoneEvent',
  'response.image_generation_call.in_progress': 'ResponseImageGenCallInProgressEvent',
  'response.image_generation_call.generating': 'ResponseImageGenCallGeneratingEvent',
  'response.image_generation_call.completed': 'ResponseImageGenCallCompletedEvent',
  'response.web_search_call.in_progress': 'ResponseWebSearchCallInProgressEvent',
  'response.web_search_call.searching': 'ResponseWebSearchCallSearchingEvent',
  'response.web_search_call.completed': 'ResponseWebSearchCallCompletedEvent',
}

/** The events of a stream; throws unless each is framed as clients expect and named as its data says. */
export const eventsIn = (raw: string): any[] => {
  if (raw !== '' && !raw.endsWith('\n\n')) throw new Error(`cut off: ${raw.slice(-80)}`)
  return raw
    .split('\n\n')
    .filter((block) => block !== '' && !block.startsWith(':') && block !== 'data: [DONE]')
    .map((block) => {
      const [name = '', data = '', ...more] = block.split('\n')
      if (!name.startsWith('event: ') || !data.startsWith('data: ') || more.length > 0)
        throw new Error(`not an event: ${block.slice(0, 200)}`)
      const body = JSON.parse(data.slice('data: '.length))
      if (body.type !== name.slice('event: '.length)) throw new Error(`${name} holds ${body.type}`)
      return body
    })
}

const endings = new Set(['response.completed', 'response.incomplete', 'response.failed'])

interface Part {
  readonly key: string
  text: string
  done: boolean
}

/** Everything that is wrong with the order and the sense of a response's events. */
export const mistakesIn = (events: readonly any[], { schema = true } = {}): string[] => {
  const wrong: string[] = []
  const must = (holds: unknown, message: string) => {
    if (!holds) wrong.push(message)
  }
  const items = new Map<number, { id: string; type: string; done: boolean; said: string }>()
  const parts = new Map<string, Part>()
  const ids = new Set<string>()
  const output: any[] = []
  must(events[0]?.type === 'response.created', 'begins with response.created')
  must(events[1]?.type === 'response.in_progress', 'goes on with response.in_progress')
  must(endings.has(events.at(-1)?.type), `ends with a response: ${events.at(-1)?.type}`)
  const response = events[0]?.response?.id

  for (const [at, event] of events.entries()) {
    const { type } = event
    const say = (message: string) => `#${at} ${type}: ${message}`
    must(event.sequence_number === at, say(`has number ${event.sequence_number}`))
    must(!endings.has(type) || at === events.length - 1, say('is not the last'))
    if (schema) {
      const name = eventSchemas[type]
      const mistake = name ? judge(name)(event) : 'is no event that we write'
      if (mistake !== undefined) wrong.push(say(mistake))
    }
    if (event.response) {
      must(event.response.id === response, say('is of another response'))
      continue
    }
    // what others invented is not judged
    if (!schema && !eventSchemas[type]) continue
    const item = items.get(event.output_index)
    if (type === 'response.output_item.added') {
      must(event.output_index === items.size, say(`is at ${event.output_index}`))
      must(!ids.has(event.item.id), say('has an id that was used'))
      ids.add(event.item.id)
      items.set(event.output_index, {
        id: event.item.id,
        type: event.item.type,
        done: false,
        said: '',
      })
      continue
    }
    must(item, say('is of no item'))
    if (!item) continue
    must(!item.done, say('is of an item that is done'))
    if (type === 'response.output_item.done') {
      must(event.item.id === item.id && event.item.type === item.type, say('is another item'))
      for (const [key, part] of parts)
        if (key.startsWith(`${event.output_index}/`)) must(part.done, say(`${key} is not done`))
      const said = event.item.arguments ?? event.item.input
      if (said !== undefined) must(said === item.said, say('its text is not what was said'))
      item.done = true
      output[event.output_index] = event.item
      continue
    }
    must(event.item_id === item.id, say('names another item'))
    const index = event.content_index ?? event.summary_index
    if (index === undefined) {
      if (type.endsWith('.delta')) item.said += event.delta
      const said = event.arguments ?? event.input
      if (said !== undefined) must(said === item.said, say('is not what was said'))
      continue
    }
    const kind = event.summary_index === undefined ? 'content' : 'summary'
    const key = `${event.output_index}/${kind}/${index}`
    const part = parts.get(key)
    if (type.endsWith('part.added')) {
      must(!part, say('is already there'))
      const before = [...parts.values()].filter((one) =>
        one.key.startsWith(`${event.output_index}/${kind}/`),
      )
      must(before.length === index, say(`is at ${index}`))
      must(
        before.every(({ done }) => done),
        say('begins before the last is done'),
      )
      parts.set(key, { key, text: '', done: false })
      continue
    }
    // reasoning texts may come without a part of their own
    if (!part && type.startsWith('response.reasoning_text')) continue
    must(part && !part.done, say(`has no open part ${key}`))
    if (!part) continue
    if (type.endsWith('.delta')) part.text += event.delta
    else if (type.endsWith('part.done')) {
      must((event.part.text ?? event.part.refusal) === part.text, say('is not what was said'))
      part.done = true
    } else if (type.endsWith('.done'))
      must((event.text ?? event.refusal) === part.text, say('is not what was said'))
  }
  const last = events.at(-1)
  if (last && last.type !== 'response.failed') {
    for (const [at, item] of items) must(item.done, `item ${at} (${item.type}) is never done`)
    must(Bun.deepEquals(last.response?.output, output), 'the output is not what the events said')
  }
  return wrong
}
