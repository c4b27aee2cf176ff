import * as v from 'valibot'
import { errors } from './errors.ts'
import { explained } from './explanation.ts'
import { count, text, tokens } from './scalars.ts'

const optionalCount = v.optional(count)

const usage = v.pipe(
  v.looseObject({
    promptTokenCount: optionalCount,
    candidatesTokenCount: optionalCount,
    thoughtsTokenCount: optionalCount,
    cachedContentTokenCount: v.optional(tokens('Part of the prompt.')),
    totalTokenCount: optionalCount,
  }),
  v.description('Tokens as the provider counted them, in Google’s terms.'),
)

const part = v.pipe(
  v.looseObject({
    text: v.optional(v.string()),
    thought: v.optional(v.pipe(v.boolean(), v.description('Whether the text is a thought.'))),
    thoughtSignature: v.optional(text('Proof of a thought; send it back unchanged.')),
    functionCall: v.optional(
      v.looseObject({ name: v.optional(v.string()), args: v.optional(v.looseObject({})) }),
    ),
  }),
  v.description('A text, a thought, or a function that the model wants called.'),
)

const candidate = v.looseObject({
  index: optionalCount,
  content: v.optional(
    v.looseObject({ role: v.optional(v.string()), parts: v.optional(v.array(part)) }),
  ),
  finishReason: v.optional(v.pipe(v.string(), v.examples(['STOP', 'MAX_TOKENS']))),
})

const embedding = v.looseObject({ values: v.array(v.number()) })

const model = v.pipe(
  v.looseObject({
    name: text('`models/` and what to ask for.'),
    displayName: v.optional(v.string()),
    inputTokenLimit: v.optional(tokens('Where the provider tells it.')),
    outputTokenLimit: v.optional(tokens('Where the provider tells it.')),
    supportedGenerationMethods: v.array(v.string()),
  }),
  v.description('A model in Google’s form.'),
)

/** What Google’s clients get. */
export const gemini = {
  GeminiAnswer: v.pipe(
    v.looseObject({
      candidates: v.optional(v.array(candidate)),
      usageMetadata: v.optional(usage),
      modelVersion: v.optional(v.string()),
      responseId: v.optional(v.string()),
      ...explained,
      error: v.optional(errors.GeminiFailure),
    }),
    v.description('An answer; in a stream, a piece of one, of which the last has the usage.'),
  ),
  GeminiPart: part,
  GeminiUsage: usage,
  GeminiTokenCount: v.looseObject({ totalTokens: count }),
  GeminiEmbedding: v.looseObject({ embedding }),
  GeminiEmbeddings: v.looseObject({ embeddings: v.array(embedding) }),
  GeminiModel: model,
  GeminiModelList: v.looseObject({ models: v.array(model) }),
} as const
