/** A cell, or a part of one, that a format cannot express. */
export interface Exception {
  /** The client's format; every one when left out, as with the following. */
  readonly surface?: string
  readonly dialect?: string
  readonly feature: string
  /** The whole cell when left out. */
  readonly part?: string
  readonly reason: string
}

export const exceptions: readonly Exception[] = [
  {
    surface: 'messages',
    feature: 'structured output',
    part: 'any JSON',
    reason: 'Anthropic has no JSON without a schema.',
  },
  {
    dialect: 'anthropic',
    feature: 'structured output',
    part: 'any JSON',
    reason: 'Anthropic has no JSON without a schema.',
  },
  {
    surface: 'gemini',
    feature: 'text',
    part: 'late instructions',
    reason: 'Gemini’s instructions stand before all turns.',
  },
  ...['messages', 'gemini', 'ollama'].map((surface) => ({
    surface,
    feature: 'tools',
    part: 'a custom tool',
    reason: 'Only OpenAI’s clients have tools without JSON.',
  })),
  {
    surface: 'ollama',
    feature: 'tools',
    part: 'a hosted tool of another vendor',
    reason: 'Ollama’s clients know no hosted tools.',
  },
  {
    dialect: 'gemini',
    feature: 'stop',
    part: 'with a refusal',
    reason: 'Gemini refuses by its finish reason alone.',
  },
  {
    surface: 'ollama',
    feature: 'forced tool',
    reason: 'Ollama has no tool_choice.',
  },
  {
    surface: 'messages',
    feature: 'images',
    part: 'of the model',
    reason: 'Anthropic’s models answer without images.',
  },
  {
    surface: 'ollama',
    feature: 'images',
    part: 'of the model',
    reason: 'Ollama’s models answer without images.',
  },
  {
    surface: 'ollama',
    feature: 'files',
    reason: 'Ollama takes text and images only.',
  },
  {
    surface: 'ollama',
    feature: 'citations',
    reason: 'Ollama’s answers have no field for citations.',
  },
  {
    surface: 'ollama',
    feature: 'parallel tools',
    part: 'switched off',
    reason: 'Ollama has no parameter for it.',
  },
  ...[
    'signed though not asked for',
    'a signed call',
    'several signed calls',
    'two rounds of signed calls',
    'a signed text',
    'a hidden thought',
  ].map((part) => ({
    surface: 'ollama',
    feature: 'reasoning round trip',
    part,
    reason: 'Ollama’s messages have no field for signatures; Sluice remembers those of calls.',
  })),
  ...['breakpoints', 'keys', 'tokens read', 'tokens written'].map((part) => ({
    surface: 'ollama',
    feature: 'caching',
    part,
    reason: 'Ollama says nothing of caches.',
  })),
  {
    surface: 'ollama',
    feature: 'usage',
    part: 'reasoning tokens',
    reason: 'Ollama does not count reasoning apart.',
  },
  {
    surface: 'ollama',
    feature: 'stop',
    part: 'by a filter',
    reason: 'Ollama has no done_reason for it.',
  },
  {
    surface: 'gemini',
    feature: 'parallel tools',
    part: 'switched off',
    reason: 'Gemini has no parameter for it.',
  },
  {
    dialect: 'gemini',
    feature: 'parallel tools',
    part: 'switched off',
    reason: 'Gemini has no parameter for it.',
  },
  {
    surface: 'gemini',
    feature: 'files',
    part: 'names',
    reason: 'Gemini’s API knows no names of files.',
  },
  {
    dialect: 'gemini',
    feature: 'files',
    part: 'names',
    reason: 'Gemini’s API knows no names of files.',
  },
  {
    surface: 'gemini',
    feature: 'caching',
    part: 'breakpoints',
    reason: 'Gemini caches by itself: a request has no breakpoints.',
  },
  {
    dialect: 'gemini',
    feature: 'caching',
    part: 'breakpoints',
    reason: 'Gemini caches by itself: a request has no breakpoints.',
  },
  {
    surface: 'gemini',
    feature: 'caching',
    part: 'keys',
    reason: 'Gemini has no cache keys.',
  },
  {
    dialect: 'gemini',
    feature: 'caching',
    part: 'keys',
    reason: 'Gemini has no cache keys.',
  },
  {
    surface: 'messages',
    feature: 'caching',
    part: 'keys',
    reason: 'Anthropic has no cache keys.',
  },
  {
    dialect: 'anthropic',
    feature: 'caching',
    part: 'keys',
    reason: 'Anthropic has no cache keys.',
  },
  {
    surface: 'gemini',
    feature: 'caching',
    part: 'tokens written',
    reason: 'Gemini does not count what it writes to its cache.',
  },
  {
    dialect: 'gemini',
    feature: 'caching',
    part: 'tokens written',
    reason: 'Gemini does not count what it writes to its cache.',
  },
  {
    surface: 'messages',
    feature: 'citations',
    part: 'spans',
    reason: 'Anthropic’s citations stand beside a block of text, without offsets into it.',
  },
  {
    surface: 'responses',
    feature: 'stop',
    part: 'at a sequence',
    reason: 'Responses have no stop sequences.',
  },
  {
    dialect: 'responses',
    feature: 'stop',
    part: 'at a sequence',
    reason: 'Responses have no stop sequences.',
  },
]
