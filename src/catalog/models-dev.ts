import type { ProviderConfig } from '../config.ts'
import { given, isObject, listOf, objectOf, type Fields } from '../fields.ts'
import type { Facts, ReasoningFacts } from './facts.ts'
import { parametersOf } from './parameters.ts'
import type { Override, Pricing, Rates } from './pricing.ts'

/** models.dev's api.json, so far as it was understood: providers by their ids, each with its models by theirs. */
export type ModelsDev = ReadonlyMap<string, DevProvider>

export interface DevProvider {
  /** Where it is reached, for hosts of OpenAI's format. */
  readonly api?: string
  readonly models: ReadonlyMap<string, Fields>
}

const withoutSlash = (url: string): string => url.replace(/\/+$/, '')

/** What is no provider, or has no models, is left out; undefined when nothing is left. */
export const toModelsDev = (json: unknown): ModelsDev | undefined => {
  const providers = Object.entries(objectOf(json)).flatMap(([id, provider]) => {
    const { models, api } = objectOf(provider)
    const known = Object.entries(objectOf(models)).filter((model): model is [string, Fields] =>
      isObject(model[1]),
    )
    if (known.length === 0) return []
    const address = typeof api === 'string' ? { api: withoutSlash(api) } : {}
    return [[id, { ...address, models: new Map(known) }] as const]
  })
  return providers.length > 0 ? new Map(providers) : undefined
}

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined

/** 0 stands there where nobody knows. */
const count = (value: unknown): number | undefined => number(value) || undefined

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const prices: Readonly<Record<string, keyof Rates>> = {
  input: 'prompt',
  output: 'completion',
  reasoning: 'internal_reasoning',
  cache_read: 'input_cache_read',
  cache_write: 'input_cache_write',
  input_audio: 'audio',
  output_audio: 'audio_output',
}

const ratesOf = (cost: Fields): Rates =>
  given(Object.fromEntries(Object.entries(prices).map(([from, to]) => [to, number(cost[from])])))

/** The one limit that the list knew before it had tiers. */
const oldLimit = 200_000

const overridesOf = (cost: Fields): readonly Override[] => {
  const tiers = listOf(cost.tiers).flatMap((tier) => {
    const size = number(objectOf(objectOf(tier).tier).size)
    return size === undefined ? [] : [{ min_prompt_tokens: size, ...ratesOf(objectOf(tier)) }]
  })
  if (tiers.length > 0)
    return tiers.sort((one, other) => one.min_prompt_tokens - other.min_prompt_tokens)
  const { context_over_200k: long } = cost
  return isObject(long) ? [{ min_prompt_tokens: oldLimit, ...ratesOf(long) }] : []
}

const pricingOf = (cost: unknown): Pricing | undefined => {
  const rates = ratesOf(objectOf(cost))
  if (Object.keys(rates).length === 0) return undefined
  const overrides = overridesOf(objectOf(cost))
  return { ...rates, ...(overrides.length > 0 && { overrides }) }
}

/** `pdf` is what OpenRouter calls a file. */
const modalitiesOf = (list: unknown): readonly string[] | undefined => {
  const kinds = listOf(list).filter((kind) => typeof kind === 'string')
  return kinds.length > 0 ? kinds.map((kind) => (kind === 'pdf' ? 'file' : kind)) : undefined
}

/** An embedding is listed as text. */
const outputsOf = ({ family, modalities }: Fields): readonly string[] | undefined =>
  text(family)?.includes('embed') ? ['embeddings'] : modalitiesOf(objectOf(modalities).output)

const reasoningOf = ({ reasoning, reasoning_options }: Fields): ReasoningFacts | undefined => {
  const options = listOf(reasoning_options).map(objectOf)
  if (reasoning !== true || options.length === 0) return undefined
  const ofType = (wanted: string) => options.find(({ type }) => type === wanted)
  const efforts = listOf(ofType('effort')?.values).filter((value) => typeof value === 'string')
  const named = efforts.filter((effort) => effort !== 'default')
  const isOptional =
    ofType('toggle') !== undefined || efforts.includes('none') || ofType('budget_tokens')?.min === 0
  return {
    ...(isOptional && { mandatory: false }),
    ...(named.length > 0 && { supported_efforts: named }),
    supports_max_tokens: ofType('budget_tokens') !== undefined,
  }
}

/** Seconds; a month is its first day. */
const secondsOf = (date: unknown): number | undefined => {
  const time = typeof date === 'string' ? Date.parse(date) : Number.NaN
  return Number.isNaN(time) ? undefined : Math.floor(time / 1_000)
}

const flag = (value: unknown): boolean | undefined =>
  typeof value === 'boolean' ? value : undefined

/** What an entry says of a model; fields that are not known here are left alone. */
export const devFacts = (provider: ProviderConfig, entry: Fields): Facts => {
  const limit = objectOf(entry.limit)
  const tools = flag(entry.tool_call) ?? flag(objectOf(entry.tool_call).supported)
  return given({
    name: text(entry.name),
    description: text(entry.description),
    created: secondsOf(entry.release_date),
    family: text(entry.family),
    context_length: count(limit.context),
    max_completion_tokens: count(limit.output),
    input_modalities: modalitiesOf(objectOf(entry.modalities).input),
    output_modalities: outputsOf(entry),
    supported_parameters:
      tools === undefined
        ? undefined
        : parametersOf(provider, {
            tools,
            temperature: flag(entry.temperature),
            structured: flag(entry.structured_output),
            reasoning: flag(entry.reasoning),
          }),
    reasoning: reasoningOf(entry),
    pricing: pricingOf(entry.cost),
    knowledge_cutoff: text(entry.knowledge),
    deprecated: entry.status === 'deprecated' || undefined,
  })
}
