import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'
import type { Delta, ToolCall } from '../../chat.ts'
import { flatName } from '../../formats/responses/names.ts'
import { detailsOf } from '../../formats/responses/reasoning.ts'
import { textOf } from '../../formats/responses.ts'

/** An annotation in canonical form; `shift` is how much text the answer had before its part. */
export const toAnnotation = (annotation: unknown, shift: number): Fields | undefined => {
  if (!isObject(annotation)) return undefined
  const { type, url, title, content, start_index, end_index } = annotation
  if (type !== 'url_citation') return annotation
  const place = (index: unknown) => (typeof index === 'number' ? index + shift : undefined)
  return {
    type,
    url_citation: {
      url,
      title,
      ...(content !== undefined && { content }),
      start_index: place(start_index),
      end_index: place(end_index),
    },
  }
}

/** A call's item as a canonical one, with as much of what it says as it has. */
export const toCall = (item: Fields, index: number): ToolCall => {
  const name = flatName(item.namespace, textOf(item.name))
  const id = textOf(item.call_id) || textOf(item.id)
  return item.type === 'custom_tool_call'
    ? { index, id, type: 'custom', custom: { name, input: textOf(item.input) } }
    : { index, id, type: 'function', function: { name, arguments: textOf(item.arguments) } }
}

/** A made image as a data URL; undefined for anything else. */
export const toImage = ({ result, output_format }: Fields): Fields | undefined => {
  if (typeof result !== 'string' || result === '') return undefined
  const format = typeof output_format === 'string' ? output_format : 'png'
  return { type: 'image_url', image_url: { url: `data:image/${format};base64,${result}` } }
}

/** How an answer's items are counted as they pass. */
export interface Counts {
  /** Characters of text. */
  readonly text: number
  readonly calls: number
  readonly details: number
}

const messageDelta = (item: Fields, { text }: Counts): Delta => {
  let content = ''
  let refusal = ''
  const annotations: Fields[] = []
  for (const part of listOf(item.content)) {
    if (!isObject(part)) continue
    if (part.type === 'refusal') refusal += textOf(part.refusal)
    else {
      const shift = text + content.length
      for (const one of listOf(part.annotations)) {
        const annotation = toAnnotation(one, shift)
        if (annotation) annotations.push(annotation)
      }
      content += textOf(part.text)
    }
  }
  return {
    ...(content !== '' && { content }),
    ...(refusal !== '' && { refusal }),
    ...(annotations.length > 0 && { annotations }),
  }
}

/** What a reasoning item shows; its parts stand apart by a blank line, but items follow each other. */
const reasoningDelta = (item: Fields, { details: from }: Counts): Delta => {
  const details = detailsOf(item, from)
  const text = [listOf(item.summary), listOf(item.content)]
    .map((parts) => parts.map((part) => textOf(objectOf(part).text)).join('\n\n'))
    .join('')
  return {
    ...(text !== '' && { reasoning: text }),
    ...(details.length > 0 && { reasoning_details: details }),
  }
}

/** A whole item as what it adds to the message. */
export const itemDelta = (item: unknown, counts: Counts): Delta => {
  if (!isObject(item)) return {}
  switch (item.type) {
    case 'message':
      return messageDelta(item, counts)
    case 'reasoning':
      return reasoningDelta(item, counts)
    case 'function_call':
    case 'custom_tool_call':
      return { tool_calls: [toCall(item, counts.calls)] }
    case 'image_generation_call': {
      const image = toImage(item)
      return image ? { images: [image] } : {}
    }
  }
  return {}
}

/** The log probabilities of a text, as chat completions have them. */
export const toLogprobs = (logprobs: unknown): Fields | undefined => {
  const tokens = listOf(logprobs).filter(isObject)
  if (tokens.length === 0) return undefined
  const bytes = (token: Fields) => ({ bytes: null, ...token })
  return {
    content: tokens.map((token) => ({
      ...bytes(token),
      top_logprobs: listOf(token.top_logprobs).filter(isObject).map(bytes),
    })),
    refusal: null,
  }
}
