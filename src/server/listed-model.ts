import { isObject, type Fields } from '../fields.ts'
import type { Model } from '../catalog/models.ts'

const textOr = (value: unknown, other: string): string =>
  typeof value === 'string' && value !== '' ? value : other

const wholeOf = (...values: readonly unknown[]): number | null =>
  values.find((value): value is number => Number.isInteger(value) && Number(value) > 0) ?? null

const listOr = (value: unknown, other: readonly string[]): readonly unknown[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : other

/** What OpenRouter writes where a price is not fixed; a price that is not known is never 0. */
const unpriced = '-1'

const toPricing = (pricing: unknown): Fields => {
  const known = isObject(pricing) ? pricing : {}
  const texts = Object.entries(known).filter(([, value]) => typeof value === 'string')
  return { prompt: unpriced, completion: unpriced, ...Object.fromEntries(texts) }
}

const toArchitecture = (architecture: unknown): Fields => {
  const known = isObject(architecture) ? architecture : {}
  const inputs = listOr(known.input_modalities, ['text'])
  const outputs = listOr(known.output_modalities, ['text'])
  return {
    ...known,
    input_modalities: inputs,
    output_modalities: outputs,
    modality: textOr(known.modality, `${inputs.join('+')}->${outputs.join('+')}`),
    instruct_type: typeof known.instruct_type === 'string' ? known.instruct_type : null,
    tokenizer: textOr(known.tokenizer, 'Other'),
  }
}

/** When a provider says it made the model: seconds, or a date. */
const createdOf = ({ created, created_at }: Model): number => {
  const date = typeof created_at === 'string' ? Date.parse(created_at) / 1_000 : Number.NaN
  return Number.isFinite(date) ? Math.floor(date) : Math.floor(created)
}

/** The sizes, by the names that providers have for them. */
const sizesOf = (model: Model) => {
  const top = isObject(model.top_provider) ? model.top_provider : {}
  return {
    context: wholeOf(
      model.context_length,
      model.context_window,
      model.max_model_len,
      model.max_input_tokens,
      model.inputTokenLimit,
    ),
    output: wholeOf(
      top.max_completion_tokens,
      model.max_completion_tokens,
      model.max_output_tokens,
      model.max_tokens,
      model.outputTokenLimit,
    ),
  }
}

/** A model with every field that the clients of OpenAI, OpenRouter and Anthropic insist on. */
export const toListed = (model: Model): Fields => {
  const { id } = model
  const { context, output } = sizesOf(model)
  const created = createdOf(model)
  const name = textOr(model.display_name, textOr(model.name, id))
  const limits = isObject(model.per_request_limits) ? model.per_request_limits : null
  return {
    ...model,
    id,
    object: 'model',
    type: 'model',
    created,
    created_at: new Date(created * 1_000).toISOString().replace('.000Z', 'Z'),
    owned_by: model.owned_by,
    name: textOr(model.name, name),
    display_name: name,
    canonical_slug: textOr(model.canonical_slug, id),
    architecture: toArchitecture(model.architecture),
    pricing: toPricing(model.pricing),
    context_length: context,
    max_input_tokens: context,
    max_tokens: output,
    top_provider: {
      is_moderated: isObject(model.top_provider) && model.top_provider.is_moderated === true,
      context_length: context,
      max_completion_tokens: output,
    },
    per_request_limits: limits,
    supported_parameters: listOr(model.supported_parameters, []),
    supported_voices: Array.isArray(model.supported_voices) ? model.supported_voices : null,
    default_parameters: isObject(model.default_parameters) ? model.default_parameters : null,
    links: { details: `/api/v1/models/${id}/endpoints` },
    capabilities: isObject(model.capabilities) ? model.capabilities : null,
    lifecycle: textOr(model.lifecycle, 'active'),
    line: typeof model.line === 'string' ? model.line : null,
    deprecated_at: typeof model.deprecated_at === 'string' ? model.deprecated_at : null,
    retires_at: typeof model.retires_at === 'string' ? model.retires_at : null,
  }
}
