import type { Call, Format } from '../chat.ts'
import type { GatewayError } from '../errors.ts'
import { readJson } from '../json.ts'
import { explanationOf } from '../ledger/explanation.ts'
import { reused } from '../told.ts'
import type { EventWriter, Surface, Wire } from './surface.ts'

/** Whether the client wants to know why its call went where it went, as OpenRouter's clients ask for it or as ours do. */
export const asksWhy = (headers: Headers): boolean =>
  headers.get('x-sluice-trace') === '1' ||
  headers.get('x-openrouter-metadata') === 'enabled' ||
  headers.get('x-openrouter-experimental-metadata') === 'enabled'

const field = 'openrouter_metadata'
const boundless = { max_depth: Infinity, max_keys: Infinity }
const decoder = new TextDecoder()

/** The text with one more member in its last JSON object, all else as it was. */
const appended = (text: string, value: unknown): string => {
  const close = text.lastIndexOf('}')
  if (close === -1) return text
  const empty = text.slice(0, close).trimEnd().endsWith('{')
  const member = `${JSON.stringify(field)}:${JSON.stringify(value)}`
  return `${text.slice(0, close)}${empty ? '' : ','}${member}${text.slice(close)}`
}

/** The same inside the `response` of the last event. */
const appendedInside = (text: string, value: unknown): string => {
  const close = text.lastIndexOf('}') + 1
  const open = text.indexOf('{', text.lastIndexOf('\n', close - 1))
  const { members } = readJson(text.slice(open, close), boundless)
  const response = members?.find(({ key }) => key === 'response')
  if (!response) return appended(text, value)
  const end = open + response.end
  return appended(text.slice(0, end), value) + text.slice(end)
}

/** What only events have that may be the last of an answer: inside a string their quotes would be escaped. */
const lastEvents: Readonly<Record<Format, RegExp>> = {
  openai:
    /"usage"\s*:\s*\{|"finish_reason"\s*:\s*"|"type"\s*:\s*"(?:transcript\.text\.done|image_\w+\.completed)"/,
  responses: /"type"\s*:\s*"response\.(?:completed|incomplete|failed)"/,
  anthropic: /"type"\s*:\s*"message_stop"/,
  gemini: /"(?:finishReason|finish_reason)"/,
  ollama: /"done"\s*:\s*true/,
}

/** Where OpenRouter is silent about the reasons: its own failures, and keys that are wrong. */
const isSilent = ({ status, code }: GatewayError): boolean =>
  status === 500 || status === 401 || code === 'too_many_failures'

/** The surface, whose answers and errors say why they are what they are. @param began of `performance.now()` */
export const explained = (surface: Surface, began: number): Surface => {
  const { events, format } = surface
  /** OpenRouter's own field is not told of an answer that was given before. */
  const isTold = ({ vars, headers }: Call): boolean =>
    vars.get(reused) === undefined || headers.get('x-sluice-trace') === '1'
  const whyOf = (call: Call, error?: GatewayError) =>
    explanationOf(call, performance.now() - began, error)

  const writer = (inner: EventWriter, { call }: Wire): EventWriter => {
    if (!call) return inner
    const put = format === 'responses' ? appendedInside : appended
    const last = lastEvents[format]
    /** What came last, as long as it may be the end. */
    let held = ''
    return {
      ...inner,
      batch(batch) {
        const came = inner.batch(batch)
        const text = typeof came === 'string' ? came : decoder.decode(came)
        if (text === '') return ''
        const before = held
        held = last.test(text) ? text : ''
        return held === '' ? before + text : before
      },
      end() {
        const text = held + inner.end()
        return isTold(call) ? put(text, whyOf(call)) : text
      },
      error(error) {
        const text = held + inner.error(error)
        return isSilent(error) ? text : put(text, whyOf(call, error))
      },
    }
  }

  return {
    ...surface,
    whole(chunk, wire) {
      const text = surface.whole(chunk, wire)
      // a transcript may be plain text
      const isJson = surface.headers?.(wire)['content-type'] === undefined
      return isJson && wire.call && isTold(wire.call) ? appended(text, whyOf(wire.call)) : text
    },
    ...(events && { events: (wire: Wire) => writer(events(wire), wire) }),
    error(error, wire) {
      const body = surface.error(error, wire)
      return wire.call && !isSilent(error) ? { ...body, [field]: whyOf(wire.call, error) } : body
    },
  }
}
