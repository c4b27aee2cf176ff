import type { ProviderConfig } from '../config.ts'
import { given, isObject, objectOf, type Fields } from '../fields.ts'
import type { Facts, ReasoningFacts } from './facts.ts'
import { quantizationOf } from './quantization.ts'
import { parametersOf } from './parameters.ts'
import { reportedPricing } from './reported-pricing.ts'
import type { Reported } from './reported.ts'

const text = (...values: readonly unknown[]): string | undefined =>
  values.find((value): value is string => typeof value === 'string' && value !== '')

const count = (...values: readonly unknown[]): number | undefined =>
  values.find((value): value is number => Number.isInteger(value) && Number(value) > 0)

const flag = (...values: readonly unknown[]): boolean | undefined =>
  values.find((value) => typeof value === 'boolean')

const words = (...values: readonly unknown[]): readonly string[] | undefined =>
  values.find(
    (value): value is string[] =>
      Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string'),
  )

/** Seconds; some write milliseconds, or a date, or 0 for what they do not know. */
const secondsOf = (...values: readonly unknown[]): number | undefined => {
  for (const value of values) {
    const date = typeof value === 'string' ? Date.parse(value) / 1_000 : value
    if (typeof date !== 'number' || !(date > 0) || !Number.isFinite(date)) continue
    return Math.floor(date > 1e11 ? date / 1_000 : date)
  }
  return undefined
}

/** Everything that lists say beside the model itself, under one roof. */
const partsOf = (model: Reported) => {
  const spec = objectOf(model.model_spec)
  return {
    architecture: objectOf(model.architecture),
    top: objectOf(model.top_provider),
    meta: objectOf(model.meta),
    metadata: objectOf(model.metadata),
    spec,
    can: { ...objectOf(model.capabilities), ...objectOf(spec.capabilities) } as Fields,
  }
}

type Parts = ReturnType<typeof partsOf>

const inputsOf = (model: Reported, { architecture, can }: Parts): readonly string[] | undefined => {
  const told = words(architecture.input_modalities, model.input_modalities)
  if (told) return told
  const sees = flag(
    model.supports_image_input,
    model.supports_image_in,
    model.supports_vision,
    can.vision,
    can.supportsVision,
  )
  return sees === undefined ? undefined : ['text', ...(sees ? ['image'] : [])]
}

const embeds = ({ type, supportedGenerationMethods: methods }: Reported): boolean =>
  (typeof type === 'string' && /^embeddings?$/.test(type)) ||
  (Array.isArray(methods) && methods.includes('embedContent'))

const parametersIn = (
  provider: ProviderConfig,
  model: Reported,
  { can }: Parts,
): readonly string[] | undefined => {
  const told = words(model.supported_parameters)
  if (told) return told
  const features = words(model.supported_features)
  const tools = flag(
    features && features.includes('tools'),
    model.supports_tools,
    can.function_calling,
    can.supportsFunctionCalling,
    can.tools,
  )
  if (tools === undefined) return undefined
  return parametersOf(provider, {
    sampling: words(model.supported_sampling_parameters),
    tools,
    structured: flag(features?.includes('structured_outputs'), can.supportsResponseSchema),
    reasoning: flag(
      features?.includes('reasoning'),
      model.supports_reasoning,
      can.reasoning,
      can.supportsReasoning,
      can.thinking,
    ),
  })
}

const reasoningIn = ({ reasoning }: Reported): ReasoningFacts | undefined => {
  if (!isObject(reasoning)) return undefined
  const efforts = words(reasoning.supported_efforts)
  return given({
    mandatory: flag(reasoning.mandatory),
    default_enabled: flag(reasoning.default_enabled),
    default_effort: text(reasoning.default_effort),
    supported_efforts: efforts,
    supports_max_tokens: flag(reasoning.supports_max_tokens),
  })
}

/** What a provider's own list says about a model, whatever it calls it. */
export const reportedFacts = (provider: ProviderConfig, model: Reported): Facts => {
  const parts = partsOf(model)
  const { architecture, top, meta, metadata, spec } = parts
  return given({
    name: text(model.display_name, model.name, model.title, spec.name),
    description: text(model.description, metadata.description, spec.description),
    created: secondsOf(model.created, model.created_at),
    context_length: count(
      model.context_length,
      model.loaded_context_length,
      model.context_window,
      model.max_model_len,
      model.max_context_length,
      model.context_size,
      model.max_input_tokens,
      model.inputTokenLimit,
      metadata.context_length,
      spec.availableContextTokens,
      top.context_length,
      meta.n_ctx,
      meta.n_ctx_train,
    ),
    max_completion_tokens: count(
      top.max_completion_tokens,
      model.max_completion_tokens,
      model.max_output_tokens,
      model.max_output_length,
      model.outputTokenLimit,
      metadata.max_tokens,
      model.max_tokens,
    ),
    input_modalities: inputsOf(model, parts),
    output_modalities:
      words(architecture.output_modalities, model.output_modalities) ??
      (embeds(model) ? ['embeddings'] : undefined),
    supported_parameters: parametersIn(provider, model, parts),
    reasoning: reasoningIn(model),
    pricing: reportedPricing(model),
    quantization: quantizationOf(text(model.quantization, spec.quantization)),
    tokenizer: text(architecture.tokenizer),
    knowledge_cutoff: text(model.knowledge_cutoff),
    expiration_date: text(model.expiration_date, model.deprecation, model.retires_at),
    hugging_face_id: text(model.hugging_face_id),
    deprecated: model.deprecated === true || model.lifecycle === 'deprecated' || undefined,
  })
}
