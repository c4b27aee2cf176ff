import { embedding } from './bodies.ts'
import { replaysFixture, sendWhole } from './fixtures-replay.ts'
import type { Exchange, Script } from './provider.ts'

/** `GET /v1/models` as Anthropic answers it. */
export const anthropicModels = (ids: readonly string[]): unknown => ({
  data: ids.map((id) => ({
    type: 'model',
    id,
    display_name: `Claude ${id}`,
    created_at: '2025-09-29T00:00:00Z',
    deprecated_at: null,
    retires_at: null,
    lifecycle: 'active',
    line: null,
    capabilities: null,
    max_input_tokens: 200_000,
    max_tokens: 64_000,
  })),
  has_more: false,
  first_id: ids[0] ?? null,
  last_id: ids.at(-1) ?? null,
})

/** `GET /v1beta/models` as Google answers it. */
export const geminiModels = (ids: readonly string[]): unknown => ({
  models: ids.map((id) => ({
    name: `models/${id}`,
    version: '001',
    displayName: `Gemini ${id}`,
    description: 'A scripted model.',
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ['generateContent', 'countTokens', 'batchEmbedContents'],
    temperature: 1,
    maxTemperature: 2,
    topP: 0.95,
    topK: 64,
    thinking: true,
  })),
})

const models = ['m', 'llama-3.3-70b']

/** `batchEmbedContents`: one vector for each request. */
export const embedsContents: Script = (exchange) => {
  const requests: readonly unknown[] = exchange.request.json?.requests ?? []
  return sendWhole('gemini', { embeddings: requests.map(() => ({ values: embedding })) })(exchange)
}

/** `countTokens` */
export const countsTokens: Script = (exchange) =>
  sendWhole('gemini', {
    totalTokens: 31,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: 31 }],
  })(exchange)

/** What a healthy provider of another format than OpenAI's chat answers on this path; undefined for its own paths. */
export const foreignAnswer = ({ request }: Exchange): Script | undefined => {
  const { headers } = request
  const path = request.path.split('?')[0] ?? ''
  if (path.endsWith('/models')) {
    if (headers['anthropic-version']) return sendWhole('anthropic', anthropicModels(models))
    return headers['x-goog-api-key'] ? sendWhole('gemini', geminiModels(models)) : undefined
  }
  if (path.endsWith('/messages/count_tokens')) return sendWhole('anthropic', { input_tokens: 2095 })
  if (path.endsWith('/messages')) return replaysFixture('anthropic', 'text')
  if (path.endsWith('/responses')) return replaysFixture('responses', 'text')
  if (/:(generateContent|streamGenerateContent)$/.test(path)) {
    return replaysFixture('gemini', 'text')
  }
  if (path.endsWith(':countTokens')) return countsTokens
  return path.endsWith(':batchEmbedContents') ? embedsContents : undefined
}
