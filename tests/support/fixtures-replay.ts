import { googleJson } from '../fixtures/build/gemini.ts'
import { framed, responseOf } from '../fixtures/build/responses.ts'
import { errorOf, type ErrorRest } from './fixtures-errors.ts'
import { contentTypes, fixture, type Dialect, type Scenario } from './fixtures.ts'
import type { Exchange, Script } from './provider.ts'
import { sendEvents, sendJson } from './scripts.ts'

/** What each provider says beside the body. */
const headersOf: Readonly<Record<Dialect, Readonly<Record<string, string>>>> = {
  openai: {
    'openai-version': '2020-10-01',
    'openai-processing-ms': '412',
    'x-request-id': 'req_provider_4b1d',
    'x-ratelimit-remaining-requests': '9999',
  },
  responses: {
    'openai-version': '2020-10-01',
    'openai-processing-ms': '398',
    'x-request-id': 'req_provider_4b1d',
  },
  anthropic: {
    'request-id': 'req_011CSHoEeqs5C35K2UUqR7Fy',
    'anthropic-organization-id': '2f1a6c5e-provider',
    'anthropic-ratelimit-requests-remaining': '3999',
    'anthropic-ratelimit-tokens-remaining': '1999000',
  },
  gemini: { 'server-timing': 'gfet4t7; dur=512', vary: 'Origin, X-Origin, Referer' },
}

/** Whether a request asks for a stream. */
export const asksStream = (dialect: Dialect, { path, json }: Exchange['request']): boolean =>
  dialect === 'gemini' ? path.includes(':streamGenerateContent') : json?.stream === true

/** A stream taken apart into its events, each with the blank line that ends it. */
export const eventsOf = (sse: string): string[] => sse.match(/[^]+?(\r\n\r\n|\n\n)/g) ?? []

const withoutUsage = (events: readonly string[]): string[] =>
  events
    .filter((event) => !event.includes('"choices":[],"usage":{'))
    .map((event) => event.replace(',"usage":null', ''))

/** A fixture's events as this request gets them: OpenAI tells usage only when asked, a router always. */
export const fixtureEvents = (
  dialect: Dialect,
  scenario: Scenario,
  { json }: Exchange['request'],
): string[] => {
  const { sse } = fixture(dialect, scenario)
  const events = eventsOf(sse)
  const quiet = dialect === 'openai' && json?.stream_options?.include_usage !== true
  return quiet && !sse.includes('"provider":') ? withoutUsage(events) : events
}

export const sendStream = (dialect: Dialect, events: readonly string[]): Script =>
  sendEvents(events, { 'content-type': contentTypes.sse[dialect], ...headersOf[dialect] })

export const sendWhole =
  (dialect: Dialect, body: unknown, status = 200): Script =>
  (exchange) =>
    sendJson(exchange, status, body, {
      'content-type': contentTypes.json[dialect],
      ...headersOf[dialect],
    })

/** Google without `alt=sse`: one array that grows. */
const sendArray =
  (events: readonly string[]): Script =>
  async (exchange) => {
    await exchange.head(200, { 'content-type': contentTypes.json.gemini, ...headersOf.gemini })
    for (const [at, event] of events.entries()) {
      await exchange.body(`${at === 0 ? '[' : ',\r\n'}${event.slice('data: '.length).trimEnd()}`)
    }
    await exchange.body('\n]\n')
    await exchange.end()
  }

/** Answers with a fixture, streamed (an event a write) or whole as the request asks. */
export const replaysFixture =
  (dialect: Dialect, scenario: Scenario): Script =>
  (exchange) => {
    const { request } = exchange
    if (!asksStream(dialect, request)) {
      return sendWhole(dialect, fixture(dialect, scenario).json)(exchange)
    }
    const events = fixtureEvents(dialect, scenario, request)
    const array = dialect === 'gemini' && !request.path.includes('alt=sse')
    return array ? sendArray(events)(exchange) : sendStream(dialect, events)(exchange)
  }

/** Gathers the body and sends it cut at these offsets, each piece in a network write of its own. */
export const cutAt =
  (offsets: readonly number[], script: Script): Script =>
  (exchange) => {
    const pieces: Uint8Array[] = []
    return script({
      ...exchange,
      body: async (piece) =>
        void pieces.push(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece),
      end: async () => {
        const whole = Buffer.concat(pieces)
        const cuts = [0, ...offsets.toSorted((a, b) => a - b), whole.length]
        for (let at = 1; at < cuts.length; at++) {
          const piece = whole.subarray(cuts[at - 1], cuts[at])
          if (piece.length === 0) continue
          await exchange.body(piece)
          // lets the reader see it as a read of its own
          await Bun.sleep(1)
        }
        await exchange.end()
      },
    })
  }

/** An error status in the provider's own form. */
export const fails =
  (
    dialect: Dialect,
    status: number,
    message = `scripted ${status}`,
    { headers = {}, ...rest }: ErrorRest & { headers?: Readonly<Record<string, string>> } = {},
  ): Script =>
  (exchange) =>
    sendJson(exchange, status, errorOf(dialect, status, message, rest), {
      'content-type': contentTypes.json[dialect],
      ...headersOf[dialect],
      ...headers,
    })

/** How a stream can end in an error; only Responses has two ways. */
export type StreamError = 'overloaded' | 'error event'

const responsesError = (kind: StreamError, events: readonly string[]): string => {
  const at = events.length
  const message = 'The server had an error processing your request.'
  const response = responseOf('failed', 'failed', { error: { code: 'server_error', message } })
  const event =
    kind === 'error event'
      ? { type: 'error', code: 'server_error', message, param: null }
      : { type: 'response.failed', response }
  return framed([event]).replace('"sequence_number":0', `"sequence_number":${at}`)
}

/** The event with which a provider breaks off a stream. */
export const errorEvent = (
  dialect: Dialect,
  kind: StreamError = 'overloaded',
  before: readonly string[] = [],
): string => {
  if (dialect === 'responses') return responsesError(kind, before)
  if (dialect === 'gemini') {
    return `data: ${googleJson(errorOf('gemini', 503, 'The model is overloaded. Please try again later.'))}\r\n\r\n`
  }
  if (dialect === 'anthropic') {
    return `event: error\ndata: ${JSON.stringify(errorOf('anthropic', 529, 'Overloaded'))}\n\n`
  }
  const error = errorOf('openai', 500, 'The server had an error while processing your request.')
  return `data: ${JSON.stringify(error)}\n\n`
}

/** Streams a fixture's first events, then the provider's own error, then ends cleanly. */
export const breaksOff =
  (dialect: Dialect, scenario: Scenario, events: number, kind?: StreamError): Script =>
  (exchange) => {
    const before = fixtureEvents(dialect, scenario, exchange.request).slice(0, events)
    return sendStream(dialect, [...before, errorEvent(dialect, kind, before)])(exchange)
  }

/** Streams a fixture's first events and ends as if that were all: no finish, no last event. */
export const truncates =
  (dialect: Dialect, scenario: Scenario, events: number): Script =>
  (exchange) =>
    sendStream(
      dialect,
      fixtureEvents(dialect, scenario, exchange.request).slice(0, events),
    )(exchange)
