import type { DialectName, ProviderConfig } from '../config.ts'

/** What is known of a model's abilities. */
export interface Abilities {
  /** Sampling parameters, where they are listed one by one. */
  readonly sampling?: readonly string[] | undefined
  readonly temperature?: boolean | undefined
  readonly tools?: boolean | undefined
  readonly structured?: boolean | undefined
  readonly reasoning?: boolean | undefined
}

const openai = ['max_tokens', 'temperature', 'top_p', 'stop', 'seed']

/** What each format can say; models take it unless they are known not to. */
const usual: Readonly<Record<DialectName, readonly string[]>> = {
  openai: [...openai, 'frequency_penalty', 'presence_penalty'],
  responses: ['max_tokens', 'temperature', 'top_p'],
  anthropic: ['max_tokens', 'temperature', 'top_p', 'top_k', 'stop'],
  gemini: [...openai, 'top_k', 'frequency_penalty', 'presence_penalty'],
  'ai-sdk': openai,
}

const sampled = ['temperature', 'top_p', 'top_k', 'frequency_penalty', 'presence_penalty']

/** OpenRouter's `supported_parameters`, of what the provider's format can say and the model is known to take. */
export const parametersOf = (
  { dialects, quirks }: ProviderConfig,
  { sampling, temperature, tools, structured, reasoning }: Abilities,
): readonly string[] => {
  const said = sampling ?? usual[dialects[0]]
  const taken = temperature === false ? said.filter((name) => !sampled.includes(name)) : said
  const all = new Set([
    'max_tokens',
    ...taken,
    ...(tools === true ? ['tools', 'tool_choice'] : []),
    ...(structured === true ? ['response_format', 'structured_outputs'] : []),
    ...(reasoning === true ? ['reasoning', 'include_reasoning'] : []),
  ])
  const dropped = quirks.drop ?? []
  return [...all].filter((name) => !dropped.includes(name)).sort()
}
