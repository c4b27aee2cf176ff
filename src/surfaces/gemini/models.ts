/** A model of the list; what a provider says of its size is believed. */
interface Listed {
  readonly id: string
  readonly name?: unknown
  readonly [field: string]: unknown
}

const methods = [
  'generateContent',
  'streamGenerateContent',
  'countTokens',
  'embedContent',
  'batchEmbedContents',
]

const limit = (...values: readonly unknown[]): number | undefined =>
  values.find((value): value is number => typeof value === 'number' && value > 0)

export const toGeminiModel = (model: Listed): object => {
  const { id, name, description, context_length, max_output_tokens, max_completion_tokens } = model
  const input = limit(context_length, model.inputTokenLimit, model.max_model_len)
  const output = limit(max_output_tokens, max_completion_tokens, model.outputTokenLimit)
  return {
    name: `models/${id}`,
    version: '001',
    displayName: typeof name === 'string' ? name : id,
    ...(typeof description === 'string' && { description }),
    ...(input !== undefined && { inputTokenLimit: input }),
    ...(output !== undefined && { outputTokenLimit: output }),
    supportedGenerationMethods: methods,
  }
}

/** The list as Google's clients want it. */
export const toGeminiList = (models: readonly Listed[]): object => ({
  models: models.map(toGeminiModel),
})
