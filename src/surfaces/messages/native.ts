import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'
import { createTextSink } from './sink.ts'

/** The JSON of a provider's own words, which was valid when it came. */
export const wordsIn = (text: string): Fields => objectOf(JSON.parse(text))

/** A block's beginning, and what its deltas add to it. */
export const apart = (block: Fields): readonly [start: Fields, deltas: readonly Fields[]] => {
  switch (block.type) {
    case 'text': {
      const citations = listOf(block.citations).map((citation) => ({
        type: 'citations_delta',
        citation,
      }))
      const start = { ...block, text: '', ...(block.citations ? { citations: [] } : {}) }
      return [start, [{ type: 'text_delta', text: block.text }, ...citations]]
    }
    case 'thinking':
      return [
        { ...block, thinking: '', signature: '' },
        [
          { type: 'thinking_delta', thinking: block.thinking },
          { type: 'signature_delta', signature: block.signature },
        ],
      ]
    case 'tool_use':
    case 'server_tool_use':
      return [
        { ...block, input: {} },
        [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input ?? {}) }],
      ]
    default:
      return [block, []]
  }
}

/** A whole message of Anthropic's as the stream that it was asked for as; nothing of it is lost. */
export const eventsOfMessage = (message: Fields): string => {
  const { content, stop_reason, stop_sequence, stop_details, container, usage, ...rest } = message
  const sink = createTextSink()
  sink.start({
    ...rest,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  })
  listOf(content)
    .filter(isObject)
    .forEach((block, index) => {
      const [start, deltas] = apart(block)
      sink.open(index, start)
      for (const delta of deltas) sink.delta(index, delta)
      sink.close(index)
    })
  sink.finish(
    {
      stop_reason,
      stop_sequence: stop_sequence ?? null,
      stop_details: stop_details ?? null,
      container: container ?? null,
    },
    isObject(usage) ? usage : {},
  )
  return sink.take()
}
