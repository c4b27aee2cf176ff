/** OpenAI's answers as recorded, taken apart: choices event by event, and the same answer whole. */
export interface Recording {
  /** The `choices` of each event, in order; the usage event is not among them. */
  readonly events: readonly (readonly Choice[])[]
  /** `choices` of the whole answer. */
  readonly whole: readonly Choice[]
  /** `null`: the provider reports none. */
  readonly usage?: Usage | null
  /** The model's id at the provider; by default the asked one with a date. */
  readonly model?: string
  readonly id?: string
}

export type Choice = Readonly<Record<string, unknown>>
export type Usage = Readonly<Record<string, unknown>>

const event = (delta: object, finish: string | null = null, index = 0): Choice => ({
  index,
  delta,
  logprobs: null,
  finish_reason: finish,
})

const message = (content: string | null, rest: object = {}): object => ({
  role: 'assistant',
  content,
  refusal: null,
  annotations: [],
  ...rest,
})

export const usageOf = (prompt: number, completion: number, reasoning = 0): Usage => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: {
    reasoning_tokens: reasoning,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
})

export interface TextOptions {
  /** The pieces in which the text is streamed; by word without. */
  readonly pieces?: readonly string[]
  readonly finish?: string | null
  readonly usage?: Usage | null
  readonly model?: string
  readonly id?: string
}

/** A plain answer: role, text, finish. */
export const text = (content: string, options: TextOptions = {}): Recording => {
  const pieces = options.pieces ?? content.match(/\s*\S+\s*$|\s*\S+/g) ?? []
  const finish = options.finish === undefined ? 'stop' : options.finish
  return {
    events: [
      [event({ role: 'assistant', content: '', refusal: null })],
      ...pieces.map((piece) => [event({ content: piece })]),
      ...(finish === null ? [] : [[event({}, finish)]]),
    ],
    whole: [{ index: 0, message: message(content), logprobs: null, finish_reason: finish }],
    usage: options.usage === undefined ? usageOf(19, pieces.length) : options.usage,
    ...(options.model !== undefined && { model: options.model }),
    ...(options.id !== undefined && { id: options.id }),
  }
}

/** One call in the fragments OpenAI cuts its arguments into. */
const callFragments = (index: number, id: string, name: string, fragments: readonly string[]) => [
  [event({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] })],
  ...fragments.map((piece) => [event({ tool_calls: [{ index, function: { arguments: piece } }] })]),
]

/** Calls made in parallel, arguments in fragments of a few characters. */
export const toolCalls = (
  ...calls: readonly { readonly id: string; readonly name: string; readonly arguments: string }[]
): Recording => ({
  events: [
    [event({ role: 'assistant', content: null, refusal: null })],
    ...calls.flatMap((call, index) =>
      callFragments(index, call.id, call.name, call.arguments.match(/[^]{1,5}/g) ?? []),
    ),
    [event({}, 'tool_calls')],
  ],
  whole: [
    {
      index: 0,
      message: message(null, {
        tool_calls: calls.map((call) => ({
          id: call.id,
          type: 'function',
          function: { name: call.name, arguments: call.arguments },
        })),
      }),
      logprobs: null,
      finish_reason: 'tool_calls',
    },
  ],
  usage: usageOf(81, 46),
})

export const parallelToolCalls = toolCalls(
  {
    id: 'call_9uRBLK3bqYbTHhzMtFgqbqCM',
    name: 'get_weather',
    arguments: '{"city":"Zürich","unit":"celsius"}',
  },
  { id: 'call_b2vRrVxb6G3fxkYG6sVLg9ZD', name: 'get_weather', arguments: '{"city":"São Paulo"}' },
)

const token = (word: string, logprob: number) => ({
  token: word,
  logprob,
  bytes: [...new TextEncoder().encode(word)],
  top_logprobs: [{ token: word, logprob, bytes: [...new TextEncoder().encode(word)] }],
})

export const logprobs: Recording = {
  events: [
    [event({ role: 'assistant', content: '', refusal: null })],
    [
      {
        ...event({ content: 'Hé' }),
        logprobs: { content: [token('Hé', -0.00012)], refusal: null },
      },
    ],
    [{ ...event({ content: '!' }), logprobs: { content: [token('!', -1.25)], refusal: null } }],
    [event({}, 'stop')],
  ],
  whole: [
    {
      index: 0,
      message: message('Hé!'),
      logprobs: { content: [token('Hé', -0.00012), token('!', -1.25)], refusal: null },
      finish_reason: 'stop',
    },
  ],
  usage: usageOf(9, 2),
}

export const refusal: Recording = {
  events: [
    [event({ role: 'assistant', content: null, refusal: '' })],
    [event({ refusal: 'I’m sorry, ' })],
    [event({ refusal: 'I can’t help with that.' })],
    [event({}, 'stop')],
  ],
  whole: [
    {
      index: 0,
      message: message(null, { refusal: 'I’m sorry, I can’t help with that.' }),
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: usageOf(20, 11),
}

/** `n: 2`: the choices come interleaved. */
export const twoChoices: Recording = {
  events: [
    [event({ role: 'assistant', content: '', refusal: null }, null, 0)],
    [event({ content: 'Heads' }, null, 0)],
    [event({ role: 'assistant', content: '', refusal: null }, null, 1)],
    [event({ content: 'Tails' }, null, 1)],
    [event({ content: ' again' }, null, 0)],
    [event({}, 'stop', 1)],
    [event({}, 'stop', 0)],
  ],
  whole: [
    { index: 0, message: message('Heads again'), logprobs: null, finish_reason: 'stop' },
    { index: 1, message: message('Tails'), logprobs: null, finish_reason: 'stop' },
  ],
  usage: usageOf(12, 3),
}

/** DeepSeek's field; vLLM and OpenRouter say `reasoning`. */
const thinking = (field: 'reasoning_content' | 'reasoning'): Recording => ({
  events: [
    [event({ role: 'assistant', content: null, [field]: '' })],
    [event({ content: null, [field]: 'Two and two: ' })],
    [event({ content: null, [field]: 'four.' })],
    [event({ content: '4', [field]: null })],
    [event({ content: '' }, 'stop')],
  ],
  whole: [
    {
      index: 0,
      message: { role: 'assistant', content: '4', [field]: 'Two and two: four.' },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: usageOf(14, 9, 8),
})

export const reasoningContent = thinking('reasoning_content')
export const reasoning = thinking('reasoning')

const sound = Buffer.from('RIFF....WAVEfmt not really a sound').toString('base64')

export const audio: Recording = {
  events: [
    [
      event({
        role: 'assistant',
        content: null,
        refusal: null,
        audio: { id: 'audio_68f0a7', transcript: 'Good ' },
      }),
    ],
    [event({ audio: { transcript: 'day' } })],
    [event({ audio: { data: sound.slice(0, 24) } })],
    [event({ audio: { data: sound.slice(24) } })],
    [event({ audio: { expires_at: 1760000000 } })],
    [event({}, 'stop')],
  ],
  whole: [
    {
      index: 0,
      message: message(null, {
        audio: { id: 'audio_68f0a7', data: sound, transcript: 'Good day', expires_at: 1760000000 },
      }),
      finish_reason: 'stop',
    },
  ],
  usage: usageOf(7, 30),
}

/** Every shape above by its name, for tests that replay them all. */
export const recordings = {
  text: text('Grüezi, 世界! 👋🏽 Everything is fine.'),
  parallelToolCalls,
  logprobs,
  refusal,
  twoChoices,
  reasoningContent,
  reasoning,
  audio,
} as const satisfies Record<string, Recording>
