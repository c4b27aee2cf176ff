import {
  estimateTokens,
  isDataUrl,
  textsOf,
  type Message,
  type Part,
  type Request,
} from 'sluice/plugin'

/** Tokens of what is not text, about. */
const perPart: Readonly<Record<string, number>> = {
  image_url: 1_000,
  input_image: 1_000,
  input_audio: 1_500,
  video_url: 5_000,
  input_video: 5_000,
  file: 3_000,
  input_file: 3_000,
}

/** What a message takes besides its words. */
const perMessage = 4

/** Characters that are counted of a long text: it is taken to be all like its beginning and its end. */
const sample = 8_000

/** Tokens of a text, about. */
export const tokensOf = (text: string): number => {
  if (text.length <= sample) return estimateTokens(text)
  const some = text.slice(0, sample / 2) + text.slice(-sample / 2)
  return Math.ceil((estimateTokens(some) / sample) * text.length)
}

export const isParts = (content: Message['content']): content is readonly Part[] =>
  Array.isArray(content)

const known = new WeakMap<Message, number>()

/** Tokens of a message, pictures and arguments of tools included. */
export const tokensIn = (message: Message): number => {
  const before = known.get(message)
  if (before !== undefined) return before
  let tokens = perMessage
  for (const text of textsOf({ model: '', messages: [message] }))
    if (!isDataUrl(text)) tokens += tokensOf(text)
  if (isParts(message.content)) for (const { type } of message.content) tokens += perPart[type] ?? 0
  known.set(message, tokens)
  return tokens
}

/** Tokens of all that stands beside the messages. */
export const tokensBeside = ({ tools, response_format }: Request): number =>
  [tools, response_format].reduce<number>(
    (sum, said) => sum + (said ? tokensOf(JSON.stringify(said)) : 0),
    0,
  )

/** Characters of a prompt, more or less; a token has one at least. */
export const lengthOf = (request: Request): number => {
  const { messages, prompt, tools } = request
  let length = typeof prompt === 'string' ? prompt.length : 0
  if (Array.isArray(tools)) length += 400 * tools.length
  for (const { content, tool_calls } of messages ?? []) {
    if (isParts(content))
      for (const { type, text } of content) length += text?.length ?? perPart[type] ?? 0
    else length += content?.length ?? 0
    for (const one of tool_calls ?? []) length += one.function?.arguments?.length ?? 0
  }
  return length
}
