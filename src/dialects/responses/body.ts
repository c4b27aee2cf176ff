import { isObject, listOf, objectOf, type Fields } from '../../fields.ts'
import type { Message, Request } from '../../chat.ts'
import { withBreakpoints } from '../../formats/breakpoints.ts'
import { rawOf } from '../../formats/responses/origin.ts'
import { routerFields, sameFields } from '../../formats/responses.ts'
import { isOpenAIs, ofOpenAI, reasons, wantedEffort } from '../openai/effort.ts'
import { toItems } from './items.ts'
import type { Warn } from './parts.ts'
import { fromToolChoice, fromTools } from './tools.ts'

const given = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))

const nothing = () => undefined

/** `response_format` as `text.format`. */
const fromFormat = (format: unknown): unknown =>
  isObject(format) && isObject(format.json_schema)
    ? { type: format.type, ...format.json_schema }
    : format

const textOption = (request: Request): Fields | undefined => {
  const { response_format, verbosity } = request
  const text = given({ format: fromFormat(response_format), verbosity })
  return Object.keys(text).length > 0 ? text : undefined
}

const isInstructions = (message: Message): boolean => rawOf(message)?.type === 'instructions'

/** The message that goes as `instructions`: the one that came so, else a first system message that is one text. */
const instructionsIn = (messages: readonly Message[]): Message | undefined => {
  const [first] = messages
  const came = messages.find(isInstructions)
  const fits = first?.role === 'system' && typeof first.content === 'string' && !cameAsItem(first)
  return came ?? (fits ? first : undefined)
}

const cameAsItem = (message: Message): boolean =>
  Object.getOwnPropertySymbols(message).length > 0 && !isInstructions(message)

const inputOf = (messages: readonly Message[], warn: Warn): string | Fields[] => {
  const [only] = messages
  const bare = messages.length === 1 && only && rawOf(only)?.type === 'input'
  return bare && typeof only.content === 'string' ? only.content : toItems(messages, warn)
}

/** What both a client's own body and one of ours say. */
const shared = (request: Request, warn: Warn): Fields => {
  const messages = request.messages ?? []
  const instructions = instructionsIn(messages)
  const rest = messages.filter((message) => message !== instructions)
  const { tools, tool_choice } = request
  return given({
    ...(instructions && { instructions: instructions.content }),
    input: inputOf(rest, warn),
    ...Object.fromEntries(sameFields.map((field) => [field, request[field]])),
    tools: Array.isArray(tools) ? fromTools(tools, warn) : undefined,
    tool_choice: fromToolChoice(tool_choice),
    text: textOption(request),
    stream: request.stream,
  })
}

/** What the client's body says, out of the canonical request that was read from it or of a changed one. */
export const asWritten = (request: Request): Fields => {
  const { reasoning, max_tokens, logprobs, top_logprobs } = request
  return given({
    ...shared(request, nothing),
    ...Object.fromEntries(routerFields.map((field) => [field, request[field]])),
    reasoning,
    max_output_tokens: max_tokens,
    ...(logprobs === true && { top_logprobs }),
  })
}

/** Below it the format refuses `max_output_tokens`. */
const leastTokens = 16

/** How much to think, in a word that the model has. */
const effortFor = (request: Request, model: string): string | undefined => {
  const effort = wantedEffort(request)
  return effort !== undefined && isOpenAIs(model) ? ofOpenAI(effort, model) : effort
}

const reasoningOf = (request: Request, model: string): Fields | undefined => {
  const { reasoning } = request
  const effort = effortFor(request, model)
  if (!isObject(reasoning)) return effort === undefined ? undefined : { effort }
  if (!reasons(model)) return undefined
  const { exclude, summary } = reasoning
  // only a summary lets the client read what was thought
  const shown = exclude === true || effort === 'none' ? undefined : (summary ?? 'auto')
  return given({ effort, summary: shown })
}

/** The client's own request, after a plugin has said how much to think. */
export const rethought = (request: Request, model: string): Request => {
  const { reasoning, reasoning_effort: _, ...rest } = request
  const { enabled: _enabled, exclude: _exclude, max_tokens: _tokens, ...kept } = objectOf(reasoning)
  return { ...rest, reasoning: given({ ...kept, effort: effortFor(request, model) }) }
}

/** Models of OpenAI's that do not think, and refuse to be asked for their reasoning. */
const thoughtless = /(^|\/)(gpt-3|gpt-4|chatgpt-|gpt-5[\d.]*-chat|text-|ft:gpt-[34])/

const stringsOnly = (metadata: unknown): boolean =>
  Object.values(objectOf(metadata)).every((value) => typeof value === 'string')

/** A body of our own making, for a client that speaks another format: nothing is kept at the provider. */
export const asOurs = (request: Request, model: string, warn: Warn): Fields => {
  const { max_completion_tokens, max_tokens, metadata, logprobs, top_logprobs } = request
  const limit = max_completion_tokens ?? max_tokens ?? undefined
  const include = [
    ...(thoughtless.test(model) ? [] : ['reasoning.encrypted_content']),
    ...(logprobs === true ? ['message.output_text.logprobs'] : []),
  ]
  const body = shared(withBreakpoints(request, model), warn)
  return given({
    model,
    ...body,
    metadata: stringsOnly(metadata) ? metadata : undefined,
    tools: listOf(body.tools).length > 0 ? body.tools : undefined,
    max_output_tokens: limit === undefined ? undefined : Math.max(limit, leastTokens),
    reasoning: reasoningOf(request, model),
    ...(logprobs === true && { top_logprobs: top_logprobs ?? 0 }),
    ...(include.length > 0 && { include }),
    store: false,
  })
}
