import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'
import type { Chunk } from '../../chat.ts'
import { textOf } from '../../formats/responses.ts'
import type { Author } from './author.ts'

const isCall = (type: unknown): boolean => type === 'function_call' || type === 'custom_tool_call'

/** Beyond any answer's items. */
const furthest = 10_000

/** A place that makes no sense is one that no item has. */
const placeOf = (index: unknown): number =>
  typeof index === 'number' && index >= 0 && index < furthest ? index : -1

/** Takes note of an event that the provider wrote, so that the author can go on where it stopped. */
export const follow = (author: Author, event: Fields, chunk: Chunk): void => {
  const { messages, reasoning, calls, sheet } = author
  const at = placeOf(event.output_index)
  if (event.output_index !== undefined) author.adoptBegin(true)
  switch (event.type) {
    case 'response.created':
    case 'response.in_progress':
    case 'response.queued':
      author.know(objectOf(event.response))
      author.adoptBegin(event.type === 'response.in_progress')
      return
    case 'response.output_item.added': {
      const item = objectOf(event.item)
      if (item.type === 'message') messages.adopt(at, item)
      else if (item.type === 'reasoning') reasoning.adopt(at, item)
      else if (isCall(item.type)) calls.adopt(at, item)
      else {
        sheet.put(at, item)
        author.hosted.set(at, at)
      }
      return
    }
    case 'response.content_part.added':
      if (objectOf(event.part).type === 'reasoning_text') reasoning.adoptPart('content')
      else messages.adoptPart(event.part)
      return
    case 'response.reasoning_summary_part.added':
      reasoning.adoptPart('summary')
      return
    case 'response.output_text.delta':
    case 'response.refusal.delta':
      messages.adoptText(textOf(event.delta), event.logprobs)
      return
    case 'response.output_text.annotation.added':
      messages.adoptAnnotation(event.annotation)
      return
    case 'response.reasoning_summary_text.delta':
    case 'response.reasoning_text.delta': {
      const details = listOf(chunk.choices?.[0]?.delta?.reasoning_details)
      const kind = event.type === 'response.reasoning_text.delta' ? 'content' : 'summary'
      reasoning.adoptText(kind, objectOf(details[0]).index, textOf(event.delta))
      reasoning.adoptDetails(details)
      return
    }
    case 'response.reasoning_summary_part.done':
      reasoning.adoptPartEnd('summary', event.part)
      return
    case 'response.content_part.done':
      if (objectOf(event.part).type === 'reasoning_text')
        reasoning.adoptPartEnd('content', event.part)
      else messages.adoptPartEnd(event.part)
      return
    case 'response.function_call_arguments.delta':
    case 'response.custom_tool_call_input.delta':
      calls.adoptText(at, textOf(event.delta))
      return
    case 'response.output_item.done':
      messages.adoptEnd(at)
      reasoning.adoptEnd(at)
      calls.adoptEnd(at)
      author.hosted.delete(at)
      sheet.put(at, isObject(event.item) ? event.item : undefined)
  }
}

/** Events that the author writes itself, out of what their chunks mean. */
const grammar =
  /^response\.(created|queued|in_progress|completed|incomplete|output_item|content_part|output_text|refusal|reasoning|function_call_arguments|custom_tool_call_input)/

export const createForeign = (author: Author) => {
  const { sheet, messages, reasoning, hosted } = author

  /** An event of the provider's in an answer that the author writes: what only that event says is told with it. */
  return (event: Fields, chunk: Chunk): void => {
    const item = objectOf(event.item)
    const own = item.type === 'message' || item.type === 'reasoning' || isCall(item.type)
    switch (event.type) {
      case 'response.created':
      case 'response.in_progress':
        author.know(objectOf(event.response))
        break
      case 'response.output_item.added':
        if (item.type === 'message') {
          messages.close()
          messages.announce(item)
        } else if (item.type === 'reasoning') {
          reasoning.close()
          reasoning.announce(item)
        } else if (!own) {
          reasoning.close()
          messages.close()
          const place = sheet.begin(item)
          sheet.put(place, item)
          hosted.set(event.output_index, place)
        }
        break
      case 'response.output_item.done':
        if (own) break
        sheet.finish(hosted.get(event.output_index) ?? sheet.begin(item), item)
        hosted.delete(event.output_index)
        break
      default: {
        const place = hosted.get(event.output_index)
        if (place === undefined || grammar.test(textOf(event.type))) break
        const { type, sequence_number: _number, ...fields } = event
        sheet.pen.say(textOf(type), { ...fields, output_index: place })
      }
    }
    if (own || event.type !== 'response.output_item.done') author.add(chunk)
  }
}
