import { embeddingsBody, modelsBody } from './bodies.ts'
import { foreignAnswer } from './fixtures-desk.ts'
import type { Exchange, Script } from './provider.ts'
import { text, type Recording, type TextOptions } from './recorded.ts'

const sseHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'openai-version': '2020-10-01',
  'x-request-id': 'req_provider_4b1d',
}

/** Sends a whole JSON body with its length. */
export const sendJson = async (
  exchange: Exchange,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<void> => {
  const bytes = new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body))
  await exchange.head(status, {
    'content-type': 'application/json',
    'x-request-id': 'req_provider_4b1d',
    'content-length': String(bytes.length),
    ...headers,
  })
  await exchange.body(bytes)
  await exchange.end()
}

/** Sends lines of SSE exactly as given, each in a write of its own. */
export const sendEvents =
  (lines: readonly string[], headers: Readonly<Record<string, string>> = sseHeaders): Script =>
  async (exchange) => {
    await exchange.head(200, headers)
    for (const line of lines) await exchange.body(line)
    await exchange.end()
  }

const envelope = (exchange: Exchange, recording: Recording, object: string) => ({
  id: recording.id ?? (object === 'text_completion' ? 'cmpl-CBa81tQz' : 'chatcmpl-CBa81tQzYI0nJ8'),
  object,
  created: 1757000000,
  model: recording.model ?? `${exchange.request.json?.model}-2026-08-06`,
  service_tier: 'default',
  system_fingerprint: 'fp_4c2851f862',
})

/** The `data:` lines that OpenAI streams for a recording, usage only where it was asked for. */
export const eventLines = (exchange: Exchange, recording: Recording): string[] => {
  const legacy = exchange.request.path.endsWith('/v1/completions')
  const base = envelope(exchange, recording, legacy ? 'text_completion' : 'chat.completion.chunk')
  const asked = exchange.request.json?.stream_options?.include_usage === true
  const usage = asked && recording.usage !== null
  const noUsage = usage ? { usage: null } : {}
  const lines = recording.events.flatMap((choices, at) => {
    const body = { ...base, choices: legacy ? legacyChoices(choices) : choices, ...noUsage }
    if (legacy && body.choices.length === 0) return []
    return [data({ ...body, ...(!legacy && { obfuscation: 'kR3fW9zQ'.slice(at % 8) }) })]
  })
  if (usage) lines.push(data({ ...base, choices: [], usage: recording.usage }))
  return [...lines, 'data: [DONE]\n\n']
}

export const data = (body: unknown): string => `data: ${JSON.stringify(body)}\n\n`

const legacyChoices = (choices: Recording['events'][number]) =>
  choices
    .map((choice: any) => ({
      text: choice.delta.content ?? '',
      index: choice.index,
      logprobs: null,
      finish_reason: choice.finish_reason,
    }))
    .filter((choice) => choice.text !== '' || choice.finish_reason !== null)

/** Answers with a recording, streamed or whole as asked; as legacy completion on that path. */
export const replays =
  (recording: Recording): Script =>
  async (exchange) => {
    if (exchange.request.json?.stream === true) return streamed(recording)(exchange)
    return whole(recording)(exchange)
  }

/** Streams a recording whatever was asked. */
export const streamed =
  (recording: Recording): Script =>
  (exchange) =>
    sendEvents(eventLines(exchange, recording))(exchange)

/** Answers whole whatever was asked. */
export const whole =
  (recording: Recording): Script =>
  (exchange) => {
    const legacy = exchange.request.path.endsWith('/v1/completions')
    const choices = recording.whole.map(({ message, ...rest }: any) =>
      legacy ? { text: message.content, ...rest } : { message, ...rest },
    )
    return sendJson(exchange, 200, {
      ...envelope(exchange, recording, legacy ? 'text_completion' : 'chat.completion'),
      choices,
      ...(recording.usage !== null && { usage: recording.usage }),
    })
  }

/** A good answer with this text. */
export const answers = (content: string, options?: TextOptions): Script =>
  replays(text(content, options))

/** Answers chat, completions, embeddings, the model list and the other formats' paths as a healthy provider does. */
export const byPath =
  (name: string): Script =>
  async (exchange) => {
    const { path, json } = exchange.request
    const foreign = foreignAnswer(exchange)
    if (foreign) return foreign(exchange)
    if (path.endsWith('/models')) return sendJson(exchange, 200, modelsBody(name))
    if (path.endsWith('/embeddings')) return sendJson(exchange, 200, embeddingsBody(json))
    if (path.endsWith('/completions')) return answers(`Hello from ${name}.`)(exchange)
    return status(404, `Unknown request URL: ${path}`)(exchange)
  }

/** OpenAI's error body. */
export const errorBody = (
  message: string,
  code: string | number | null = null,
  type = 'invalid_request_error',
) => ({
  error: { message, type, param: null, code },
})

/** An error status; a string becomes the message of an OpenAI error, anything else the body itself. */
export const status =
  (
    code: number,
    body: unknown = `scripted ${code}`,
    headers: Readonly<Record<string, string>> = {},
  ): Script =>
  (exchange) =>
    sendJson(exchange, code, typeof body === 'string' ? errorBody(body) : body, headers)

/** A page of HTML, as a CDN or a captive portal sends it. */
export const html =
  (code = 200): Script =>
  (exchange) =>
    sendJson(
      exchange,
      code,
      '<!DOCTYPE html><html><title>SCRIPTED-PAGE</title>error code: 524</html>',
      {
        'content-type': 'text/html; charset=UTF-8',
      },
    )

/** RST once the request has arrived. */
export const reset = (): Script => (exchange) => exchange.reset()

/** FIN once the request has arrived. */
export const hangUp = (): Script => (exchange) => exchange.close()

/** Never says a byte. */
export const silent = (): Script => (exchange) => exchange.gone

/** Sends the head of a stream and then never a byte. */
export const headOnly =
  (headers: Readonly<Record<string, string>> = sseHeaders): Script =>
  async (exchange) => {
    await exchange.head(200, headers)
    await exchange.gone
  }

/** Streams an error as the first event. */
export const firstEventError = (error: unknown): Script => sendEvents([data({ error })])

/** Streams words for ever, or until the peer has left. */
export const endless =
  (word = 'more '): Script =>
  async (exchange) => {
    const base = envelope(exchange, text(''), 'chat.completion.chunk')
    await exchange.head(200, sseHeaders)
    while (true) {
      const choices = [{ index: 0, delta: { content: word }, logprobs: null, finish_reason: null }]
      await exchange.body(data({ ...base, choices }))
      await Bun.sleep(1)
    }
  }
