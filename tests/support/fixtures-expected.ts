import { opaque } from '../fixtures/build/meaning.ts'

export interface CalledTool {
  readonly name: string
  /** Parsed; a custom tool's input is a string. */
  readonly arguments: unknown
}

export interface CitedUrl {
  readonly url: string
  readonly title: string
  /** What the annotation's `start_index` and `end_index` cut out of the content. */
  readonly span: string
}

export interface ReasoningDetail {
  readonly type: 'reasoning.text' | 'reasoning.summary' | 'reasoning.encrypted'
  readonly format: string
  readonly text?: string
  readonly summary?: string
  readonly signature?: string
  readonly data?: string
}

/** An answer in the canonical format, folded: absent is as good as null, empty or []. */
export interface Answer {
  readonly content: string
  readonly reasoning?: string
  /** In order; neighbours with the same index merged. What stands here must be there, more may be. */
  readonly reasoning_details?: readonly ReasoningDetail[]
  readonly tool_calls?: readonly CalledTool[]
  readonly refusal?: string
  readonly annotations?: readonly CitedUrl[]
  /** As data URLs. */
  readonly images?: readonly string[]
  readonly finish_reason: 'stop' | 'length' | 'tool_calls' | 'content_filter'
  readonly native_finish_reason: string
  /** A part of the canonical usage. */
  readonly usage: ExpectedUsage
  /** Tokens and their log probabilities. */
  readonly logprobs?: readonly (readonly [token: string, logprob: number])[]
}

export interface ExpectedUsage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly prompt_tokens_details?: Readonly<Record<string, number>>
  readonly completion_tokens_details?: Readonly<Record<string, number>>
}

type Own = Pick<Answer, 'native_finish_reason'> & Partial<Answer>

export interface Expectation extends Omit<Answer, 'native_finish_reason'> {
  /** What only this dialect says; a dialect that is not here has no such fixture. */
  readonly by: Partial<Record<'openai' | 'anthropic' | 'gemini' | 'responses', Own>>
}

const usage = (prompt: number, completion: number, reasoning?: number): ExpectedUsage => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
  ...(reasoning !== undefined && { completion_tokens_details: { reasoning_tokens: reasoning } }),
})

const stopped = {
  openai: { native_finish_reason: 'stop' },
  anthropic: { native_finish_reason: 'end_turn' },
  gemini: { native_finish_reason: 'STOP' },
  responses: { native_finish_reason: 'completed' },
} satisfies Expectation['by']

const called = {
  openai: { native_finish_reason: 'tool_calls' },
  anthropic: { native_finish_reason: 'tool_use' },
  gemini: { native_finish_reason: 'STOP' },
  responses: { native_finish_reason: 'completed' },
} satisfies Expectation['by']

/** OpenRouter passes Anthropic's word on. */
const routed = { native_finish_reason: 'end_turn' }
const routedCall = { native_finish_reason: 'tool_use' }

const claude = 'anthropic-claude-v1'
const google = 'google-gemini-v1'
const openaiFormat = 'openai-responses-v1'

const seal = (name: string): string => opaque(name, 132)
const sealed = (data: string, format: string): ReasoningDetail => ({
  type: 'reasoning.encrypted',
  data,
  format,
})

/** One thought as each dialect tells it. */
const thought = (text: string, signature: string) => ({
  claude: [{ type: 'reasoning.text', text, signature, format: claude }] as ReasoningDetail[],
  gemini: [
    { type: 'reasoning.text', text, format: google },
    sealed(signature, google),
  ] as ReasoningDetail[],
  responses: [
    { type: 'reasoning.summary', summary: text, format: openaiFormat },
    sealed(signature, openaiFormat),
  ] as ReasoningDetail[],
})

const detailed = (
  native: Required<Record<'openai' | 'anthropic' | 'gemini' | 'responses', Own>>,
  ...thoughts: readonly ReturnType<typeof thought>[]
): Expectation['by'] => {
  const of = (format: 'claude' | 'gemini' | 'responses') => thoughts.flatMap((one) => one[format])
  return {
    openai: { ...native.openai, reasoning_details: of('claude') },
    anthropic: { ...native.anthropic, reasoning_details: of('claude') },
    gemini: { ...native.gemini, reasoning_details: of('gemini') },
    responses: { ...native.responses, reasoning_details: of('responses') },
  }
}

const weather: CalledTool = {
  name: 'get_weather',
  arguments: { city: 'Zürich', unit: 'celsius' },
}
const time: CalledTool = {
  name: 'get_time',
  arguments: { timezone: 'Asia/Tokyo', label: '東京' },
}

const multiplication = '17 × 23: first 17 × 20 = 340, then 17 × 3 = 51.\nTogether 391 ✓'
const plan = 'The user wants the weather in Zürich, so I call get_weather.'
const twoQuestions = 'Two questions: the weather first.'
const nowTheTime = ' Now the time in 東京.'

const cited = 'Ja: Zürich zählt 448 664 Einwohner, und der See ist 88 km² groß.'
const citations: readonly CitedUrl[] = [
  {
    url: 'https://www.stadt-zuerich.ch/bevoelkerung?jahr=2025&lang=de',
    title: 'Bevölkerung – Stadt Zürich',
    span: 'Zürich zählt 448 664 Einwohner',
  },
  {
    url: 'https://de.wikipedia.org/wiki/Z%C3%BCrichsee',
    title: 'Zürichsee – Wikipedia',
    span: 'der See ist 88 km² groß',
  },
]

const dot =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/q842iQAAAABJRU5ErkJggg=='

const stop = { finish_reason: 'stop' } as const
const calls = { content: '', finish_reason: 'tool_calls' } as const
const refusal = 'I’m sorry, I can’t help with that.'

/** By scenario, written by hand: what no dialect may lose. */
export const expectations = {
  text: {
    ...stop,
    content:
      'Grüße aus 東京! 漢字と絵文字 👩🏽\u200d🚀🎉 – naïve café:\n"quotes" & \\back\\slashes, <tags>\tit\'s 100%=done.',
    usage: usage(25, 42),
    by: stopped,
  },
  tool: { ...calls, tool_calls: [weather], usage: usage(412, 58), by: called },
  parallel: { ...calls, tool_calls: [weather, time], usage: usage(480, 97), by: called },
  text_and_tool: {
    content: 'Let me look that up 🌦 for you.',
    tool_calls: [weather],
    finish_reason: 'tool_calls',
    usage: usage(418, 71),
    by: called,
  },
  reasoning: {
    ...stop,
    content: '17 × 23 = 391.',
    reasoning: multiplication,
    usage: usage(37, 88, 64),
    by: detailed({ ...stopped, openai: routed }, thought(multiplication, seal('reasoning'))),
  },
  reasoning_tool: {
    ...calls,
    reasoning: plan,
    tool_calls: [weather],
    usage: usage(455, 120, 52),
    by: detailed({ ...called, openai: routedCall }, thought(plan, seal('reasoning_tool'))),
  },
  after_tool: {
    ...stop,
    content: 'It is 21 °C and sunny in Zürich ☀️.',
    usage: usage(620, 17),
    by: stopped,
  },
  redacted: {
    ...stop,
    content: 'I cannot show how, but: 42.',
    usage: usage(30, 140, 120),
    by: {
      openai: { ...routed, reasoning_details: [sealed(opaque('redacted', 180), claude)] },
      anthropic: {
        ...stopped.anthropic,
        reasoning_details: [sealed(opaque('redacted', 180), claude)],
      },
      gemini: { ...stopped.gemini, reasoning_details: [sealed(opaque('redacted', 180), google)] },
      responses: {
        ...stopped.responses,
        reasoning_details: [sealed(opaque('redacted', 180), openaiFormat)],
      },
    },
  },
  interleaved: {
    content: 'First the weather.',
    reasoning: twoQuestions + nowTheTime,
    tool_calls: [weather, time],
    finish_reason: 'tool_calls',
    usage: usage(505, 190, 70),
    by: detailed(
      { ...called, openai: routedCall },
      thought(twoQuestions, seal('interleaved 1')),
      thought(nowTheTime, seal('interleaved 2')),
    ),
  },
  citations: {
    ...stop,
    content: cited,
    annotations: citations,
    usage: usage(3120, 66),
    by: stopped,
  },
  refusal: {
    ...stop,
    content: '',
    refusal,
    usage: usage(20, 11),
    by: {
      openai: stopped.openai,
      anthropic: { finish_reason: 'content_filter', native_finish_reason: 'refusal' },
      responses: stopped.responses,
    },
  },
  length: {
    content: 'Once upon a time there was a fox who',
    finish_reason: 'length',
    usage: usage(14, 16),
    by: {
      openai: { native_finish_reason: 'length' },
      anthropic: { native_finish_reason: 'max_tokens' },
      gemini: { native_finish_reason: 'MAX_TOKENS' },
      responses: { native_finish_reason: 'max_output_tokens' },
    },
  },
  stop_sequence: {
    ...stop,
    content: 'one, two, three, ',
    usage: usage(18, 9),
    by: {
      openai: stopped.openai,
      anthropic: { native_finish_reason: 'stop_sequence' },
      gemini: stopped.gemini,
    },
  },
  structured: {
    ...stop,
    content: '{"name":"Zürich","population":448664,"tags":["See","漢字"],"mayor":null}',
    usage: usage(92, 31),
    by: stopped,
  },
  empty_tool_args: {
    ...calls,
    tool_calls: [{ name: 'list_files', arguments: {} }],
    usage: usage(300, 22),
    by: called,
  },
  cache: {
    ...stop,
    content: 'Answered from a warm cache.',
    usage: {
      ...usage(21_300, 64, 20),
      prompt_tokens_details: { cached_tokens: 18_000 },
    },
    by: {
      openai: {
        ...stopped.openai,
        usage: {
          ...usage(21_300, 64),
          prompt_tokens_details: {
            cached_tokens: 18_000,
            cache_write_tokens: 3_000,
            audio_tokens: 32,
            image_tokens: 258,
          },
          completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 6 },
        },
      },
      anthropic: {
        ...stopped.anthropic,
        usage: {
          ...usage(21_300, 64, 20),
          prompt_tokens_details: { cached_tokens: 18_000, cache_write_tokens: 3_000 },
        },
      },
      gemini: {
        ...stopped.gemini,
        usage: {
          ...usage(21_300, 64),
          prompt_tokens_details: { cached_tokens: 18_000, audio_tokens: 32 },
          completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 6 },
        },
      },
      responses: {
        ...stopped.responses,
        usage: {
          ...usage(21_300, 64, 20),
          prompt_tokens_details: { cached_tokens: 18_000, cache_write_tokens: 3_000 },
        },
      },
    },
  },
  image_out: {
    ...stop,
    content: 'Here is a red dot 🔴:',
    images: [dot],
    usage: { ...usage(12, 1_298), completion_tokens_details: { image_tokens: 1_290 } },
    by: { openai: routed, gemini: stopped.gemini },
  },
  server_tool: {
    ...stop,
    content: cited,
    annotations: citations,
    usage: usage(9_840, 131),
    by: { anthropic: stopped.anthropic, responses: stopped.responses },
  },
  custom_tool: {
    ...calls,
    tool_calls: [
      {
        name: 'apply_patch',
        arguments: '*** Begin Patch\n*** Update File: grüße.txt\n-hallo\n+grüezi 漢\n*** End Patch',
      },
    ],
    usage: usage(890, 73),
    by: { openai: called.openai, responses: called.responses },
  },
  unknown: {
    ...stop,
    content: 'Before and after are known.',
    usage: usage(11, 12),
    by: stopped,
  },
  content_filter: {
    content: 'The first step is',
    finish_reason: 'content_filter',
    usage: usage(40, 5),
    by: {
      openai: { native_finish_reason: 'content_filter' },
      anthropic: { native_finish_reason: 'refusal' },
      gemini: { native_finish_reason: 'SAFETY' },
      responses: { native_finish_reason: 'content_filter' },
    },
  },
  prompt_blocked: {
    content: '',
    finish_reason: 'content_filter',
    usage: usage(31, 0),
    by: { gemini: { native_finish_reason: 'PROHIBITED_CONTENT' } },
  },
  logprobs: {
    ...stop,
    content: 'Hé 漢!',
    usage: usage(9, 3),
    logprobs: [
      ['Hé', -0.00012],
      [' 漢', -1.25],
      ['!', -0.5],
    ],
    by: { openai: stopped.openai, gemini: stopped.gemini, responses: stopped.responses },
  },
} as const satisfies Readonly<Record<string, Expectation>>
