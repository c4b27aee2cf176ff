import type { Send } from '../upstream/send.ts'
import { media, transcribe } from './demo-media.ts'

/** Milliseconds between two words, so that a stream looks like one. */
const pace = 12

type Body = Readonly<Record<string, unknown>>

const textOf = (content: unknown): string => {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map((part: Body | string) =>
      typeof part === 'string' ? part : String(part.text ?? `[${String(part.type)}]`),
    )
    .join('')
}

const promptOf = ({ messages, prompt }: Body): string =>
  Array.isArray(messages)
    ? messages
        .map((message: Body) => `${String(message.role)}: ${textOf(message.content)}`)
        .join('\n')
    : textOf(prompt)

/** Characters of the prompt that are told back. */
const shown = 4_000

const shortened = (text: string): string =>
  text.length <= shown ? text : `${text.slice(0, shown)}… (${text.length - shown} characters more)`

const wordsOf = (text: string): string[] => text.match(/\s*\S+|\s+$/g) ?? [text]

const report = (body: Body, headers: Readonly<Record<string, string>>): string =>
  [
    'This is the demo provider of Sluice. It answers with what it was sent.',
    '',
    `model: ${String(body.model)}`,
    `route: ${headers['x-sluice-route'] || 'none'}`,
    `plugins: ${headers['x-sluice-plugins'] || 'none'}`,
    'prompt:',
    shortened(promptOf(body)),
  ].join('\n')

const usageFor = (prompt: string, answer: string) => {
  const prompt_tokens = wordsOf(prompt).length
  const completion_tokens = wordsOf(answer).length
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}

const json = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } })

const wait = (signal: AbortSignal | null | undefined): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, pace)
    signal?.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })

/** Server-sent events at the pace of a quick model, until the caller has gone. */
const stream = (events: readonly object[], signal: AbortSignal | null | undefined): Response => {
  const texts = [...events.map((event) => JSON.stringify(event)), '[DONE]']
  const encoder = new TextEncoder()
  let next = 0
  return new Response(
    new ReadableStream({
      async pull(controller) {
        if (next > 1) await wait(signal)
        const text = texts[next++]
        if (text === undefined || signal?.aborted) controller.close()
        else controller.enqueue(encoder.encode(`data: ${text}\n\n`))
      },
    }),
    { headers: { 'content-type': 'text/event-stream' } },
  )
}

/** A direction that depends on the text alone, so that equal texts are equally near. */
const vectorOf = (text: string, dimensions: number): number[] => {
  const raw = Array.from(
    { length: dimensions },
    (_, at) => Number(Bun.hash(`${at}\n${text}`) % 2001n) / 1000 - 1,
  )
  const length = Math.hypot(...raw) || 1
  return raw.map((value) => value / length)
}

const embeddings = (body: Body): Response => {
  const inputs = Array.isArray(body.input) ? body.input : [body.input]
  const dimensions =
    typeof body.dimensions === 'number' ? Math.min(Math.max(body.dimensions, 1), 4096) : 64
  const tokens = inputs.reduce((sum: number, input) => sum + wordsOf(String(input)).length, 0)
  const data = inputs.map((input, index) => {
    const vector = vectorOf(String(input), dimensions)
    const embedding =
      body.encoding_format === 'base64'
        ? Buffer.from(new Float32Array(vector).buffer).toString('base64')
        : vector
    return { object: 'embedding', index, embedding }
  })
  return json({
    object: 'list',
    data,
    model: body.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  })
}

const completion = (body: Body, text: string, signal: AbortSignal | null | undefined): Response => {
  const legacy = body.messages === undefined
  const created = Math.floor(Date.now() / 1000)
  const id = `${legacy ? 'cmpl' : 'chatcmpl'}-${crypto.randomUUID()}`
  const usage = usageFor(promptOf(body), text)
  const base = { id, created, model: body.model }
  if (body.stream !== true)
    return json({
      ...base,
      object: legacy ? 'text_completion' : 'chat.completion',
      choices: [
        legacy
          ? { index: 0, text, logprobs: null, finish_reason: 'stop' }
          : {
              index: 0,
              message: { role: 'assistant', content: text, refusal: null },
              logprobs: null,
              finish_reason: 'stop',
            },
      ],
      usage,
    })
  const event = (choice: object | undefined, rest: object = {}) => ({
    ...base,
    object: legacy ? 'text_completion' : 'chat.completion.chunk',
    choices: choice ? [{ index: 0, ...choice, logprobs: null }] : [],
    ...rest,
  })
  const piece = (word: string) => (legacy ? { text: word } : { delta: { content: word } })
  return stream(
    [
      ...(legacy
        ? []
        : [event({ delta: { role: 'assistant', content: '' }, finish_reason: null })]),
      ...wordsOf(text).map((word) => event({ ...piece(word), finish_reason: null })),
      event({ ...(legacy ? { text: '' } : { delta: {} }), finish_reason: 'stop' }),
      event(undefined, { usage }),
    ],
    signal,
  )
}

/** The built-in provider: an OpenAI-compatible upstream inside the process, which answers with what it was sent. */
export const demo: Send = async (url, { body, headers, signal }) => {
  if (body instanceof FormData) return transcribe(body)
  const request: Body = JSON.parse(String(body))
  const other = Object.entries(media).find(([path]) => url.endsWith(path))
  if (other) return other[1](request)
  if (url.endsWith('/embeddings')) return embeddings(request)
  return completion(request, report(request, headers), signal)
}
