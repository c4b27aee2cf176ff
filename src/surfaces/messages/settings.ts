import { routing } from '../../formats/routing.ts'
import { isObject, listOf, type Fields } from '../../fields.ts'
import { isStrict } from './strict-schema.ts'
import { lookUp } from '../../formats/unchecked.ts'

/** Fields that say the same in both formats, and those that speak to the router. */
const same = [
  'model',
  ...routing,
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stream',
  'cache_control',
] as const

const isThinking = (thinking: unknown): boolean =>
  isObject(thinking) && thinking.type !== 'disabled'

/** An effort is about thoughts where there are any, else about words. */
const toReasoning = ({ thinking, output_config }: Fields): Fields => {
  const effort = isObject(output_config) ? output_config.effort : undefined
  const told = typeof effort === 'string' ? effort : undefined
  if (!isThinking(thinking)) {
    return {
      ...(isObject(thinking) && { reasoning: { enabled: false } }),
      ...(told !== undefined && { verbosity: told }),
    }
  }
  const { budget_tokens } = thinking as Fields
  return {
    reasoning: {
      enabled: true,
      ...(typeof budget_tokens === 'number' && { max_tokens: budget_tokens }),
      ...(told !== undefined && { effort: told }),
    },
  }
}

/** `output_format` is what `output_config.format` was called in its beta. */
const toFormat = ({ output_config, output_format }: Fields): Fields => {
  const format = (isObject(output_config) ? output_config.format : undefined) ?? output_format
  if (!isObject(format) || format.type !== 'json_schema' || !isObject(format.schema)) return {}
  const { schema } = format
  const json_schema = { name: 'answer', schema, ...(isStrict(schema) && { strict: true }) }
  return { response_format: { type: 'json_schema', json_schema } }
}

const tiers: Readonly<Record<string, string>> = { auto: 'auto', standard_only: 'default' }

/** Models that a client wants tried after the first: `fallbacks: [{model}]`, unless a beta makes them Anthropic's own. */
export const fallbacksOf = ({ fallbacks }: Fields, betas: string | null): readonly unknown[] =>
  betas?.includes('fallback') ? [] : listOf(fallbacks)

const toModels = (body: Fields, betas: string | null): Fields => {
  const models = fallbacksOf(body, betas).map((one) => (isObject(one) ? one.model : one))
  return models.length > 0 ? { models: models.filter((model) => typeof model === 'string') } : {}
}

/** Everything but what is said and the tools. */
export const toSettings = (body: Fields, betas: string | null): Fields => {
  const { stop_sequences, metadata, service_tier } = body
  const user = isObject(metadata) ? metadata.user_id : undefined
  const tier = lookUp(tiers, service_tier)
  return {
    ...Object.fromEntries(
      same.filter((field) => body[field] !== undefined).map((field) => [field, body[field]]),
    ),
    ...toModels(body, betas),
    ...toReasoning(body),
    ...toFormat(body),
    ...(Array.isArray(stop_sequences) && { stop: stop_sequences }),
    ...(typeof user === 'string' && { user }),
    ...(tier !== undefined && { service_tier: tier }),
  }
}
