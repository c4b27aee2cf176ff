import { isObject, without, type Fields } from '../../fields.ts'
import type { Part, Request } from '../../chat.ts'
import { withBreakpoint } from '../../formats/breakpoints.ts'
import type { Family } from './family.ts'
import { toEffort } from './effort.ts'

/** Each object of a list changed; the list itself when none is. */
const each = (list: unknown, change: (item: Fields) => Fields): unknown => {
  if (!Array.isArray(list)) return list
  const next = list.map((item: unknown) => (isObject(item) ? change(item) : item))
  return next.every((item, at) => item === list[at]) ? list : next
}

/** What clients of OpenRouter's send back of an answer, or add to a message. */
const ofMessages = [
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'annotations',
  'images',
  'model',
  'is_error',
  'cache_control',
]

/** Parameters that OpenRouter adds to OpenAI's. */
const ofRequests = [
  'reasoning',
  'include_reasoning',
  'top_k',
  'top_a',
  'min_p',
  'repetition_penalty',
  'cache_control',
  'image_config',
  'max_tool_calls',
  'structured_outputs',
  'usage',
  'x_search_filter',
]

const uncached = (item: Fields): Fields => without(item, ['cache_control'])

const toMessage = (message: Fields, breakpoints: boolean): Fields => {
  const content = each(message.content, (part) => withBreakpoint(part as Part, breakpoints))
  const kept = without(message, ofMessages)
  return content === message.content ? kept : { ...kept, content }
}

/**
 * A request in OpenAI's format without what only OpenRouter's contract knows, for a provider that would refuse it;
 * anything else stays, known or not, and keeps its identity.
 */
export const toStrict = (
  request: Request,
  model: string,
  { own, breakpoints }: Family,
): Request => {
  const effort = 'reasoning' in request ? toEffort(request, model, own) : undefined
  const messages = each(request.messages, (message) => toMessage(message, breakpoints))
  const tools = each(request.tools, uncached)
  const kept = without(request, ofRequests)
  if (kept === request && messages === request.messages && tools === request.tools) return request
  return {
    ...kept,
    ...(request.messages && { messages }),
    ...(request.tools !== undefined && { tools }),
    ...(effort !== undefined && { reasoning_effort: effort }),
  } as Request
}
