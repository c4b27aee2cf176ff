import { sharedFields } from '../../formats/routing.ts'
import type { Request } from '../../chat.ts'
import type { ProviderConfig } from '../../config.ts'
import { withoutCustomTools } from '../../formats/custom-tools.ts'
import { reasons, toEffort } from './effort.ts'
import { toThinking } from './thinking.ts'
import { familyOf, type Family } from './family.ts'
import { toMessages } from './messages.ts'
import { toTools } from './tools.ts'

/** What all servers of OpenAI's format take, or leave alone. */
const everywhere = [
  'temperature',
  'top_p',
  'stop',
  'seed',
  'frequency_penalty',
  'presence_penalty',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'n',
  'user',
  'response_format',
  'stream',
  'stream_options',
] as const

/** What a reasoning model of OpenAI's refuses. */
const unreasonable = new Set<string>([
  'temperature',
  'top_p',
  'frequency_penalty',
  'presence_penalty',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'stop',
])

const newest = ['prompt_cache_key', 'prediction', 'audio', 'store'] as const
const sampling = ['top_k', 'min_p', 'top_a', 'repetition_penalty'] as const
const routers = [
  'reasoning',
  'metadata',
  'cache_control',
  'verbosity',
  'service_tier',
  'modalities',
  'image_config',
  ...sharedFields,
] as const

const tiers = new Set(['auto', 'default', 'flex', 'scale', 'priority', 'fast'])

/** What OpenAI's own service alone is told. */
const toOwn = (request: Request, model: string): Readonly<Record<string, unknown>> => {
  const { service_tier, verbosity, modalities } = request
  const tier = service_tier === 'standard_only' ? 'default' : String(service_tier)
  const spoken = Array.isArray(modalities) && modalities.includes('audio')
  return {
    ...(service_tier !== undefined && tiers.has(tier) && { service_tier: tier }),
    ...(typeof verbosity === 'string' && reasons(model) && { verbosity }),
    ...(spoken && { modalities }),
  }
}

const namesFor = (family: Family, idle: boolean): readonly string[] => [
  ...everywhere.filter((name) => !idle || !unreasonable.has(name)),
  ...(family.own || family.router ? newest : []),
  ...(family.sampling ? sampling : []),
  ...(family.router ? routers : []),
]

/**
 * A chat request that came in another format, as this provider takes it; the rest is dropped.
 * @param knowing whether a plugin has said how much to think
 */
export const toForeign = (
  asked: Request,
  model: string,
  provider: ProviderConfig,
  warn: (warning: string) => void,
  knowing: boolean,
): Readonly<Record<string, unknown>> => {
  const request = provider.quirks.custom_tools ? asked : withoutCustomTools(asked)
  const family = familyOf(provider, model)
  const effort = family.own ? toEffort(request, model, true) : undefined
  const thinks = family.own && reasons(model) && /gpt-[5-9]|\bo\d/i.test(model)
  const names = namesFor(family, thinks && effort !== 'none')
  const limit = request.max_completion_tokens ?? request.max_tokens
  const limitName = family.own || family.router ? 'max_completion_tokens' : 'max_tokens'
  return {
    model: request.model,
    messages: toMessages(request.messages ?? [], family, warn),
    ...(limit !== undefined && limit !== null && { [limitName]: limit }),
    ...Object.fromEntries(
      names.filter((name) => request[name] !== undefined).map((name) => [name, request[name]]),
    ),
    ...(effort !== undefined && { reasoning_effort: effort }),
    ...(!family.own && !family.router && toThinking(request, model, provider, knowing, warn)),
    ...(family.own && toOwn(request, model)),
    ...toTools(request, provider, family, warn),
  }
}
