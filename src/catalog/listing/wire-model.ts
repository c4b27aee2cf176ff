import type { Fields } from '../../fields.ts'
import type { Facts, ReasoningFacts } from '../facts.ts'
import type { Model } from '../model.ts'
import { tokenizerOf } from './tokenizers.ts'
import { toWirePricing } from './wire-pricing.ts'

const text = ['text'] as const

export const inputsOf = ({ input_modalities = text }: Facts): readonly string[] => input_modalities
export const outputsOf = ({ output_modalities = text }: Facts): readonly string[] =>
  output_modalities

/** The parameters that any of its endpoints takes. */
export const parametersOf = ({ endpoints }: Model): readonly string[] => [
  ...new Set(endpoints.flatMap(({ facts }) => facts.supported_parameters ?? [])),
]

/** What the family of a model is known or named to be. */
export const tokenizer = ({ tokenizer, endpoints, id }: Model): string =>
  tokenizer ?? tokenizerOf(endpoints[0]?.model ?? id)

export const toArchitecture = (model: Model): Fields => {
  const [inputs, outputs] = [inputsOf(model), outputsOf(model)]
  return {
    input_modalities: inputs,
    output_modalities: outputs,
    modality: `${inputs.join('+')}->${outputs.join('+')}`,
    instruct_type: null,
    tokenizer: tokenizer(model),
  }
}

const toReasoning = ({ mandatory = false, ...known }: ReasoningFacts) => ({ mandatory, ...known })

/** Where its endpoints are told, for OpenRouter's clients. */
export const detailsOf = (id: string): string => `/api/v1/models/${id}/endpoints`

const written = (model: Model): Fields => {
  const { id, name, created, owned_by, alias_target } = model
  const context = model.context_length ?? null
  const output = model.max_completion_tokens ?? null
  return {
    id,
    object: 'model',
    type: 'model',
    created,
    created_at: new Date(created * 1_000).toISOString().replace('.000Z', 'Z'),
    owned_by,
    name,
    display_name: name,
    canonical_slug: alias_target?.slug ?? id,
    ...(alias_target && { alias_target }),
    ...(model.description !== undefined && { description: model.description }),
    architecture: toArchitecture(model),
    pricing: toWirePricing(model.pricing),
    context_length: context,
    max_input_tokens: context,
    max_tokens: output,
    top_provider: {
      is_moderated: false,
      context_length: context,
      max_completion_tokens: output,
    },
    per_request_limits: null,
    supported_parameters: parametersOf(model),
    supported_voices: null,
    default_parameters: null,
    ...(model.reasoning && { reasoning: toReasoning(model.reasoning) }),
    hugging_face_id: model.hugging_face_id ?? null,
    knowledge_cutoff: model.knowledge_cutoff ?? null,
    expiration_date: model.expiration_date ?? null,
    links: { details: detailsOf(id) },
    capabilities: null,
    lifecycle: model.deprecated === true ? 'deprecated' : 'active',
    line: model.family ?? null,
    deprecated_at: null,
    retires_at: model.expiration_date ?? null,
  }
}

/** A list is asked for more often than it changes. */
const known = new WeakMap<Model, Fields>()

/** A model with every field that the clients of OpenAI, OpenRouter and Anthropic insist on. */
export const toWireModel = (model: Model): Fields => {
  const fields = known.get(model) ?? written(model)
  known.set(model, fields)
  return fields
}
