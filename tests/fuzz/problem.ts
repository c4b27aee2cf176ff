import type { Door } from './bodies.ts'
import type { Posted } from './gateway.ts'
import { canary } from './mutate.ts'

/** What is wrong with an answer, whatever was asked; `lax`: what passes through is as good as the provider made it. */
export const problemWith = (
  door: Door,
  posted: Posted,
  stream: boolean,
  lax = false,
): string | undefined => {
  const { status, headers, text } = posted
  const type = headers.get('content-type') ?? ''
  if (status !== 200) {
    if (status < 400 || status > 599) return `a status ${status}`
    if (!type.startsWith('application/json')) return `an error of type ${type}`
    let body: unknown
    try {
      body = JSON.parse(text)
    } catch {
      return 'an error that is no JSON'
    }
    if (text.includes('internal_error') || status === 500) return `an internal error: ${text}`
    const mistake = door.mistakes(body)
    if (mistake !== undefined) return `not the surface’s own error (${mistake}): ${text}`
    return text.includes(canary) ? `the input comes back in the error: ${text}` : undefined
  }
  if (text.includes('internal_error')) return `an internal error within: ${text}`
  if (door.reader === undefined || type.startsWith('audio/')) return undefined
  const { mistakes, error } = door.reader.read(posted, stream)
  if (lax) return error || !stream || ended(door, text) ? undefined : `no end: ${text.slice(-600)}`
  if (error) return `an error within: ${JSON.stringify(error)}`
  return mistakes.length > 0 ? `broken grammar: ${mistakes.join('; ')}\n${text.slice(0, 3_000)}` : undefined
}

/** Whether the client asked for a stream, as what it really posted says. */
export const streamed = ({ headers }: Posted): boolean =>
  /event-stream|ndjson/.test(headers.get('content-type') ?? '')

