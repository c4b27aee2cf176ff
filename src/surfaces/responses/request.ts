import { given, isObject, listOf, type Fields } from '../../fields.ts'
import type { Message, Request } from '../../chat.ts'
import { withRaw } from '../../formats/responses/origin.ts'
import { routerFields, sameFields } from '../../formats/responses.ts'
import { toMessages } from './messages.ts'
import { toToolChoice, toTools } from './tools.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** `text.format` as `response_format`. */
const toFormat = (format: unknown): unknown => {
  if (!isObject(format) || format.type !== 'json_schema') return format
  const { type, ...schema } = format
  return { type, json_schema: schema }
}

const instructionsOf = (instructions: unknown): Message[] =>
  typeof instructions === 'string'
    ? [withRaw({ role: 'system', content: instructions }, { type: 'instructions' })]
    : []

const messagesOf = (input: unknown): Message[] =>
  typeof input === 'string'
    ? [withRaw({ role: 'user', content: input }, { type: 'input' })]
    : toMessages(listOf(input))

/** Whether the client wants the log probabilities of what is said. */
const wantsLogprobs = (include: unknown): boolean =>
  listOf(include).includes('message.output_text.logprobs')

/**
 * A body as the canonical request.
 * @param input instead of the body's own
 */
export const toRequest = (body: Fields, input: unknown = body.input): Request => {
  const { model, stream, text, reasoning, tools, tool_choice, max_output_tokens, include } = body
  const texts = isObject(text) ? text : {}
  const shared = [...sameFields, ...routerFields].map((field) => [field, body[field]] as const)
  return {
    model: wordOf(model),
    messages: [...instructionsOf(body.instructions), ...messagesOf(input)],
    ...given({
      ...Object.fromEntries(shared),
      stream,
      max_tokens: max_output_tokens,
      reasoning: isObject(reasoning) && Object.keys(reasoning).length > 0 ? reasoning : undefined,
      response_format: toFormat(texts.format),
      verbosity: texts.verbosity,
      tools: Array.isArray(tools) && tools.length > 0 ? toTools(tools) : undefined,
      tool_choice: toToolChoice(tool_choice),
      ...(wantsLogprobs(include) && { logprobs: true, top_logprobs: body.top_logprobs ?? 0 }),
    }),
  }
}
