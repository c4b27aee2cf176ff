import { isObject, type Fields } from '../../fields.ts'
import type { Message, Part, ToolCall } from '../../chat.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** What an image is, from its first bytes in base64. */
const kinds = [
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
] as const

/** An image, which Ollama has as bare base64. */
const toImage = (data: string): Part => {
  const kind = kinds.find(([beginning]) => data.startsWith(beginning))?.[1] ?? 'image/png'
  const url = /^(data|https?):/.test(data) ? data : `data:${kind};base64,${data}`
  return { type: 'image_url', image_url: { url } }
}

/** Text, with its images after it. */
export const toContent = (text: unknown, images: unknown): string | readonly Part[] => {
  const said = typeof text === 'string' ? text : ''
  const shown = Array.isArray(images) ? images.filter((image) => typeof image === 'string') : []
  if (shown.length === 0) return said
  return [...(said === '' ? [] : [{ type: 'text', text: said }]), ...shown.map(toImage)]
}

interface Open {
  readonly id: string
  readonly name: string
}

const toCall = (call: Fields, id: string): ToolCall => {
  const made = isObject(call.function) ? call.function : {}
  const { name, arguments: given } = made
  const text = typeof given === 'string' ? given : JSON.stringify(given ?? {})
  return { id, type: 'function', function: { name: wordOf(name), arguments: text } }
}

/**
 * A conversation of Ollama's. Its calls of tools have no ids, and results say at most which tool they are of, so each
 * belongs to the first open call of that tool, or the first open one at all.
 */
export const toMessages = (messages: readonly Fields[]): Message[] => {
  let calls = 0
  let open: readonly Open[] = []
  return messages.map((message): Message => {
    const { role, content, images, tool_calls, thinking, tool_name, tool_call_id } = message
    if (role === 'assistant') {
      const made = (Array.isArray(tool_calls) ? tool_calls : []).filter(isObject).map((call) => {
        const id = typeof call.id === 'string' ? call.id : `call_${calls++}`
        return toCall(call, id)
      })
      open = [
        ...open,
        ...made.map(({ id = '', function: called }) => ({ id, name: called?.name ?? '' })),
      ]
      return {
        role,
        content: toContent(content, images),
        ...(typeof thinking === 'string' && thinking !== '' && { reasoning: thinking }),
        ...(made.length > 0 && { tool_calls: made }),
      }
    }
    if (role === 'tool') {
      const mine =
        open.find(({ id }) => id === tool_call_id) ??
        open.find(({ name }) => name === (tool_name ?? message.name)) ??
        open[0]
      open = open.filter((call) => call !== mine)
      const id = typeof tool_call_id === 'string' ? tool_call_id : (mine?.id ?? `call_${calls++}`)
      return { role, tool_call_id: id, content: toContent(content, images) }
    }
    return { role: wordOf(role), content: toContent(content, images) }
  })
}
