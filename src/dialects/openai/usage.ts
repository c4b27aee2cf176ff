import { isObject, type Fields } from '../../fields.ts'
import type { Chunk, Usage } from '../../chat.ts'

const isCount = (value: unknown): boolean =>
  value === undefined || value === null || (Number.isInteger(value) && Number(value) >= 0)

const isSound = (details: unknown): boolean => {
  if (details === undefined || details === null) return true
  return isObject(details) && Object.values(details).every(isCount)
}

/** Without what is no count. */
const mended = (details: unknown): Fields =>
  isObject(details)
    ? Object.fromEntries(Object.entries(details).filter(([, value]) => isCount(value)))
    : {}

const parts = ['prompt_tokens_details', 'completion_tokens_details', 'server_tool_use'] as const

const toSound = (usage: Usage): Usage => {
  if (parts.every((part) => isSound(usage[part]))) return usage
  const wrong = parts.filter((part) => !isSound(usage[part]))
  return { ...usage, ...Object.fromEntries(wrong.map((part) => [part, mended(usage[part])])) }
}

/** Usage with what was read from a cache where OpenAI has it; DeepSeek and Moonshot have it beside. */
const toUsage = (usage: Usage): Usage => {
  const { prompt_cache_hit_tokens, cached_tokens, prompt_tokens_details } = usage
  const cached = prompt_cache_hit_tokens ?? cached_tokens
  if (typeof cached !== 'number') return usage
  const details = isObject(prompt_tokens_details) ? prompt_tokens_details : {}
  if (typeof details.cached_tokens === 'number') return usage
  return { ...usage, prompt_tokens_details: { ...details, cached_tokens: cached } }
}

/** The chunk with its usage in OpenAI's place and words; itself where it is so. */
export const withUsage = <C extends Chunk>(chunk: C): C => {
  const { usage: told, choices } = chunk
  const usage = isObject(told) ? told : choices?.[0]?.usage
  if (isObject(usage)) {
    const counted = toSound(toUsage(usage as unknown as Usage))
    return counted === told ? chunk : { ...chunk, usage: counted }
  }
  return told === undefined || told === null ? chunk : { ...chunk, usage: null }
}
