/** A model of the list. */
interface Listed {
  readonly id: string
  readonly name: string
  readonly description?: string
  /** Tokens. */
  readonly context_length?: number
  readonly max_completion_tokens?: number
}

const methods = [
  'generateContent',
  'streamGenerateContent',
  'countTokens',
  'embedContent',
  'batchEmbedContents',
]

export const toGeminiModel = ({
  id,
  name,
  description,
  context_length,
  max_completion_tokens,
}: Listed): object => ({
  name: `models/${id}`,
  version: '001',
  displayName: name,
  ...(description !== undefined && { description }),
  ...(context_length !== undefined && { inputTokenLimit: context_length }),
  ...(max_completion_tokens !== undefined && { outputTokenLimit: max_completion_tokens }),
  supportedGenerationMethods: methods,
})

/** The list as Google's clients want it. */
export const toGeminiList = (models: readonly Listed[]): object => ({
  models: models.map(toGeminiModel),
})
