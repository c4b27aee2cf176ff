import type { ProviderConfig, Quirks } from '../config/model.ts'
import { claudeOf } from './claude.ts'

export type Prefill = NonNullable<Quirks['prefill']>

/** Claude 4.6 and all after it answer 400 when a conversation ends with the assistant's turn. */
const lastClaude = 4.5

/** Models that begin a new answer after an assistant's turn, wherever they are served. */
const beginsAnew = /\b(?:gpt-|chatgpt|o[1-9](?:-|$))/i

/** Formats whose own hosts go on with it; who speaks OpenAI's may do anything. */
const byDialect: Readonly<Record<string, Prefill>> = { anthropic: 'plain', gemini: 'plain' }

const usual = ({ preset, base_url, dialects }: ProviderConfig): Prefill => {
  if (preset === 'deepseek') return /\/beta(?:\/|$)/.test(base_url) ? 'prefix' : false
  return preset === undefined ? (byDialect[dialects[0]] ?? false) : false
}

/** How a model goes on with what an assistant has begun to say; false where it does not, or that is not known. */
export const prefillOf = (provider: ProviderConfig, model: string): Prefill => {
  if (/claude/i.test(model) && (claudeOf(model)?.version ?? Infinity) > lastClaude) return false
  if (beginsAnew.test(model)) return false
  return provider.quirks.prefill ?? usual(provider)
}

export const allowsPrefill = (provider: ProviderConfig, model: string): boolean =>
  prefillOf(provider, model) !== false
