/** What is asked and answered in every sample: sizes as measured in the field (1.3 KB, 1 KB, 230 B an event). */
export const shapes = ['whole', 'burst', 'paced'] as const
/** A whole answer; a stream written at once; a stream with one event every five milliseconds. */
export type Shape = (typeof shapes)[number]

/** Events of one burst, `[DONE]` included. */
export const burstEvents = 130
/** Events of one paced stream, `[DONE]` included. */
export const pacedEvents = 200
/** Milliseconds between two events of a paced stream. */
export const pace = 5

const words = 'The gateway reads a request, chooses who should answer it, and hands the answer on. '

/** The body that a client sends for this model, 1.3 KB. */
export const requestBody = (model: string, stream: boolean): string =>
  JSON.stringify({
    model,
    messages: [
      { role: 'system', content: words.repeat(5) },
      { role: 'user', content: words.repeat(4) },
      { role: 'assistant', content: words.repeat(2) },
      { role: 'user', content: words.repeat(2) },
    ],
    temperature: 0.7,
    max_tokens: 1024,
    ...(stream && { stream }),
  })

const usage = { prompt_tokens: 260, completion_tokens: 1000, total_tokens: 1260 }

/** A whole answer, 1 KB. */
export const wholeAnswer = JSON.stringify({
  id: 'chatcmpl-CkX2pY7vQ1r0aZ8mBf3sT6dWn4uLh',
  object: 'chat.completion',
  created: 1767225600,
  model: 'box-2026-01-01',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: words.repeat(8), refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage,
  service_tier: 'default',
  system_fingerprint: 'fp_9d2f1c7a4e',
})

const eventOf = (choices: readonly object[], more: object = {}): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-CkX2pY7vQ1r0aZ8mBf3sT6dWn4uLh',
    object: 'chat.completion.chunk',
    created: 1767225600,
    model: 'box-2026-01-01',
    choices,
    ...more,
  })}\n\n`

/** Where a paced event carries the moment of its sending; as wide as what replaces it. */
export const stampMark = '"content":"'
export const stampWidth = 16
const blankStamp = '0'.repeat(stampWidth)

const contentOf = (shape: Shape, at: number): string =>
  shape === 'paced' ? blankStamp : `${words.slice(at % 60, (at % 60) + 4)}${at}`

/** A stream's events in order: the role, the text, the finish, the usage, `[DONE]`. */
export const streamEvents = (shape: Shape): string[] => {
  const texts = (shape === 'paced' ? pacedEvents : burstEvents) - 4
  const choice = (delta: object, finish_reason: string | null = null) => [
    { index: 0, delta, logprobs: null, finish_reason },
  ]
  return [
    eventOf(choice({ role: 'assistant', content: '' })),
    ...Array.from({ length: texts }, (_, at) => eventOf(choice({ content: contentOf(shape, at) }))),
    eventOf(choice({}, 'stop')),
    eventOf([], { usage }),
    'data: [DONE]\n\n',
  ]
}

/** Microseconds on a clock that all processes of this machine share. */
export const sharedClock = (): number => (performance.timeOrigin + performance.now()) * 1_000
