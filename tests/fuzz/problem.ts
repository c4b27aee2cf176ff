import type { Door } from './bodies.ts'
import type { Posted } from './gateway.ts'
import { canary } from './mutate.ts'

const internal = /internal_error|inside the gateway/

/** What is wrong with an answer that is an error. */
const problemWithError = (door: Door, { status, headers, text }: Posted): string | undefined => {
  const type = headers.get('content-type') ?? ''
  if (status < 400 || status > 599) return `a status ${status}`
  if (!type.startsWith('application/json')) return `an error of type ${type}`
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return 'an error that is no JSON'
  }
  if (internal.test(text) || status === 500) return `an internal error: ${text}`
  const mistake = door.mistakes(body)
  return mistake === undefined ? undefined : `not the surface’s own error (${mistake}): ${text}`
}

/** What is wrong with the answer to a request that the provider took well. */
export const problemWith = (door: Door, posted: Posted, stream: boolean): string | undefined => {
  const { status, headers, text } = posted
  if (status !== 200) {
    const problem = problemWithError(door, posted)
    if (problem !== undefined) return problem
    return text.includes(canary) ? `the input comes back in the error: ${text}` : undefined
  }
  if (internal.test(text)) return `an internal error within: ${text}`
  const type = headers.get('content-type') ?? ''
  if (door.reader === undefined || type.startsWith('audio/')) return undefined
  const { mistakes, error } = door.reader.read(posted, stream)
  if (error) return `an error within: ${JSON.stringify(error)}`
  return mistakes.length > 0
    ? `broken grammar: ${mistakes.join('; ')}\n${text.slice(0, 3_000)}`
    : undefined
}

/** Whether the client asked for a stream, as what it really posted says. */
export const streamed = ({ headers }: Posted): boolean =>
  /event-stream|ndjson/.test(headers.get('content-type') ?? '')

/** How a stream of each format ends, well or not. */
const endings: Readonly<Record<string, RegExp>> = {
  chat: /data: \[DONE\]\n\n$/,
  messages: /event: (message_stop|error)\n[^\n]*\n\n$/,
  responses: /event: response\.(completed|incomplete|failed)\n[^\n]*\n\n$/,
  gemini: /"(finishReason|blockReason|error)"/,
  ollama: /"(done":\s*true|error")[^\n]*\n$/,
}

/**
 * What is wrong with the answer to a request that the provider answered with nonsense.
 * @param alike what passes through is as good as the provider made it, but it has an end
 */
export const problemWithNonsense = (
  door: Door,
  posted: Posted,
  stream: boolean,
  alike: boolean,
): string | undefined => {
  const { status, text } = posted
  if (status !== 200) return problemWithError(door, posted)
  if (internal.test(text)) return `an internal error within: ${text}`
  if (stream && !endings[door.name]?.test(text)) return `no end: ${text.slice(-900)}`
  if (alike || !door.reader) return undefined
  const { mistakes } = door.reader.read(posted, stream)
  return mistakes.length > 0
    ? `broken grammar: ${mistakes.join('; ')}\n${text.slice(0, 2_000)}`
    : undefined
}
