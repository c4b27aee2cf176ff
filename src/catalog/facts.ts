import type { Pricing } from './pricing.ts'

/** What is known of the models of all providers. */
export interface Catalog {
  /** What is known of a provider's model, all sources laid over one another; `{}` where nobody knows it. */
  facts(provider: string, model: string): Facts
  /** The models that a provider is known to have, by its own names. */
  models(provider: string): readonly string[]
  /** Grows when something was learned: what was made of the catalog before is to be made anew. */
  readonly version: number
}

/** How a model can be told to think; OpenRouter's object. */
export interface ReasoningFacts {
  readonly mandatory?: boolean
  readonly default_enabled?: boolean
  readonly default_effort?: string | null
  readonly supported_efforts?: readonly string[] | null
  readonly supports_max_tokens?: boolean
}

/** What is known of one model at one provider, in OpenRouter's names; what is absent is not known. */
export interface Facts {
  readonly name?: string
  readonly description?: string
  /** Seconds since 1970. */
  readonly created?: number
  /** Such as `claude-sonnet`: what the newest of is found by. */
  readonly family?: string
  /** Tokens of prompt and answer together. */
  readonly context_length?: number
  /** Tokens of an answer. */
  readonly max_completion_tokens?: number
  /** text, image, file, audio, video */
  readonly input_modalities?: readonly string[]
  /** text, image, audio, embeddings, … */
  readonly output_modalities?: readonly string[]
  readonly supported_parameters?: readonly string[]
  readonly reasoning?: ReasoningFacts
  readonly pricing?: Pricing
  readonly quantization?: string
  readonly tokenizer?: string
  readonly knowledge_cutoff?: string
  /** The day on which it goes. */
  readonly expiration_date?: string
  readonly hugging_face_id?: string
  readonly deprecated?: boolean
  /** Whether its answers may be used to train other models. */
  readonly distillable?: boolean
  /** Where each of them was found, such as `yaml`, `provider`, `models.dev`, `genai-prices`. */
  readonly sources?: readonly string[]
}
