import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'
import type { Chunk, Delta } from '../../chat.ts'
import { withNative } from '../../formats/responses/origin.ts'
import { isSealed } from '../../formats/envelope.ts'
import { detailsOf, isOurs } from '../../formats/responses/reasoning.ts'
import { family, finishOf, textOf, toUsage } from '../../formats/responses.ts'
import { itemDelta, toAnnotation, toCall, toImage, toLogprobs } from './output.ts'
import { deltaOf, failureOf, headOf, searchesIn } from './whole.ts'
import { countOf, wordOf } from '../../formats/unchecked.ts'

/** An item whose events are passing. */
interface Passing {
  readonly item: Fields
  /** Of a call. */
  readonly call: number
  /** Indices of its details by `summary0`, `text0`. */
  readonly details: Map<string, number>
  /** Whether anything of it was said in pieces. */
  said: boolean
  /** Text of the answer before the part that is open. */
  before: number
}

export interface ResponseReader {
  /** The chunk that an event is, without choices where it says nothing; throws for an error event. */
  read(event: Fields): Chunk
  /** Takes note of text that was not read as an event. */
  skip(text: string): void
  /** An event that adds text, without taking note of it. */
  again(event: Fields): Chunk
  /** Whether the event that was read last was the answer's end. */
  readonly ended: boolean
}

/** Reads the events of one streamed response. */
export const createReader = (): ResponseReader => {
  let base: Fields = { object: 'chat.completion.chunk' }
  let ended = false
  let begun = false
  let text = 0
  let calls = 0
  let details = 0
  const passing = new Map<unknown, Passing>()

  const chunkOf = (delta: Delta, more: Fields = {}): Chunk => ({
    ...base,
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  })
  const nothing = (): Chunk => ({ ...base, choices: [] })

  const passingAt = (event: Fields): Passing => {
    const known = passing.get(event.output_index)
    if (known) return known
    const made: Passing = {
      item: objectOf(event.item),
      call: calls,
      details: new Map(),
      said: false,
      before: text,
    }
    if (/^(function|custom_tool)_call$/.test(textOf(made.item.type))) calls++
    passing.set(event.output_index, made)
    return made
  }

  const begin = (event: Fields): Chunk => {
    base = { object: 'chat.completion.chunk', ...headOf(objectOf(event.response)) }
    if (begun) return nothing()
    begun = true
    return chunkOf({ role: 'assistant', content: '' })
  }

  const added = (event: Fields): Chunk => {
    const { item, call } = passingAt(event)
    if (item.type !== 'function_call' && item.type !== 'custom_tool_call') return nothing()
    return chunkOf({ tool_calls: [toCall(item, call)] })
  }

  const reasoned = (event: Fields, type: 'summary' | 'text', part: unknown): Chunk => {
    const known = passingAt(event)
    const id = textOf(event.item_id)
    known.said = true
    // whose it is will be known in the item's end
    if (isOurs(id)) return chunkOf({ reasoning: textOf(event.delta) })
    const place = `${type}${wordOf(part)}`
    const index = known.details.get(place) ?? details++
    known.details.set(place, index)
    const detail = {
      type: `reasoning.${type}`,
      [type]: textOf(event.delta),
      ...(id !== '' && { id }),
      format: family,
      index,
    }
    return chunkOf({ reasoning: textOf(event.delta), reasoning_details: [detail] })
  }

  const called = (event: Fields): Chunk => {
    const known = passingAt(event)
    known.said = true
    const delta = textOf(event.delta)
    const said =
      event.type === 'response.custom_tool_call_input.delta'
        ? { custom: { input: delta } }
        : { function: { arguments: delta } }
    return chunkOf({ tool_calls: [{ index: known.call, ...said }] })
  }

  const spoken = (event: Fields): Chunk => {
    const known = passingAt(event)
    known.said = true
    const delta = textOf(event.delta)
    if (event.type === 'response.refusal.delta') return chunkOf({ refusal: delta })
    text += delta.length
    const logprobs = toLogprobs(event.logprobs)
    return chunkOf({ content: delta }, logprobs && { logprobs })
  }

  /** What an item says in its end that its pieces did not. */
  const done = (event: Fields): Chunk => {
    const known = passingAt(event)
    const item = objectOf(event.item)
    const { said, call } = known
    known.said = true
    switch (item.type) {
      case 'reasoning': {
        const all = detailsOf(item, details)
        const told = said && !isOurs(item.id)
        const left = told ? all.filter(({ type }) => type === 'reasoning.encrypted') : all
        if (left.length === 0) return nothing()
        const from = details
        details += left.length
        const { reasoning } = said ? {} : itemDelta(item, { text, calls, details })
        return chunkOf({
          ...(reasoning && { reasoning }),
          // what comes out of an envelope has its own indices
          reasoning_details: isSealed(item.encrypted_content)
            ? left
            : left.map((detail, at) => ({ ...detail, index: from + at })),
        })
      }
      case 'image_generation_call': {
        const image = toImage(item)
        return image ? chunkOf({ images: [image] }) : nothing()
      }
      case 'function_call':
      case 'custom_tool_call': {
        const { id: _id, type: _type, ...whole } = toCall(item, call)
        const was = textOf(known.item.arguments) + textOf(known.item.input)
        if (said || was !== '') return nothing()
        return chunkOf({ tool_calls: [withoutName(whole)] })
      }
      case 'message': {
        if (said) return nothing()
        const delta = itemDelta(item, { text, calls, details })
        text += delta.content?.length ?? 0
        return Object.keys(delta).length > 0 ? chunkOf(delta) : nothing()
      }
    }
    return nothing()
  }

  const finish = (event: Fields): Chunk => {
    ended = true
    const response = objectOf(event.response)
    const output = listOf(response.output)
    base = { ...base, ...headOf(response) }
    // some only tell the answer in its end
    const delta = passing.size === 0 && output.length > 0 ? deltaOf(output) : {}
    if (delta.tool_calls) calls += delta.tool_calls.length
    const usage = toUsage(response.usage, searchesIn(output))
    const reason = objectOf(response.incomplete_details).reason
    const status = event.type === 'response.incomplete' ? 'incomplete' : response.status
    return {
      ...base,
      choices: [{ index: 0, delta, ...finishOf(status, reason, calls > 0) }],
      ...(usage && { usage }),
    }
  }

  const meaning = (event: Fields): Chunk => {
    switch (event.type) {
      case 'response.output_text.delta':
      case 'response.refusal.delta':
        return spoken(event)
      case 'response.reasoning_summary_text.delta':
        return reasoned(event, 'summary', event.summary_index)
      case 'response.reasoning_text.delta':
        return reasoned(event, 'text', event.content_index)
      case 'response.function_call_arguments.delta':
      case 'response.custom_tool_call_input.delta':
        return called(event)
      case 'response.created':
      case 'response.in_progress':
      case 'response.queued':
        return begin(event)
      case 'response.output_item.added':
        return added(event)
      case 'response.output_item.done':
        return done(event)
      case 'response.content_part.added':
        passingAt(event).before = text
        return nothing()
      case 'response.reasoning_summary_part.added':
        return countOf(event.summary_index) > 0 ? chunkOf({ reasoning: '\n\n' }) : nothing()
      case 'response.output_text.annotation.added': {
        const annotation = toAnnotation(event.annotation, passingAt(event).before)
        return annotation ? chunkOf({ annotations: [annotation] }) : nothing()
      }
      case 'response.completed':
      case 'response.incomplete':
        return finish(event)
      case 'response.failed':
        throw failureOf(objectOf(event.response).error)
      case 'response.error':
      case 'error':
        throw failureOf(isObject(event.error) ? event.error : { ...event, type: undefined })
    }
    if (event.type === undefined && isObject(event.error)) throw failureOf(event.error)
    return nothing()
  }

  return {
    read: (event) => withNative(meaning(event), event),
    skip: (added) => void (text += added.length),
    again: (event) => withNative(chunkOf({ content: textOf(event.delta) }), event),
    get ended() {
      return ended
    },
  }
}

const withoutName = (call: Fields): Fields => {
  const { index, function: called, custom } = call
  return {
    index,
    ...(isObject(called) && { function: { arguments: called.arguments } }),
    ...(isObject(custom) && { custom: { input: custom.input } }),
  }
}
