import * as v from 'valibot'
import { explained } from './explanation.ts'
import { count, text } from './scalars.ts'

const nanoseconds = v.optional(v.pipe(count, v.description('Nanoseconds.')))

const shared = {
  model: v.optional(v.string()),
  created_at: v.optional(text('An ISO date.')),
  done: v.optional(v.pipe(v.boolean(), v.description('Whether it is the last line.'))),
  done_reason: v.optional(v.pipe(v.string(), v.examples(['stop', 'length']))),
  total_duration: nanoseconds,
  load_duration: nanoseconds,
  prompt_eval_count: v.optional(v.pipe(count, v.description('Tokens of the prompt.'))),
  prompt_eval_duration: nanoseconds,
  eval_count: v.optional(v.pipe(count, v.description('Tokens of the answer.'))),
  eval_duration: nanoseconds,
  ...explained,
  error: v.optional(text('What happened, in words; it ends a stream.')),
}

const vector = v.array(v.number())

const details = v.pipe(
  v.looseObject({ format: v.string(), family: v.string() }),
  v.description('Fields that clients read; of a model behind a gateway they are not known.'),
)

const tag = v.looseObject({
  name: text('What to ask for.'),
  model: v.string(),
  modified_at: v.string(),
  size: count,
  digest: v.string(),
  details,
})

/** What Ollama’s clients get. */
export const ollama = {
  OllamaChat: v.pipe(
    v.looseObject({
      message: v.optional(
        v.looseObject({
          role: v.string(),
          content: v.string(),
          thinking: v.optional(v.string()),
          tool_calls: v.optional(v.array(v.looseObject({ function: v.looseObject({}) }))),
        }),
      ),
      ...shared,
    }),
    v.description('An answer, whole or one line of a stream.'),
  ),
  OllamaCompletion: v.pipe(
    v.looseObject({
      response: v.optional(v.string()),
      thinking: v.optional(v.string()),
      ...shared,
    }),
    v.description('A continued text, whole or one line of a stream.'),
  ),
  OllamaEmbeddings: v.looseObject({
    model: v.string(),
    embeddings: v.pipe(v.array(vector), v.description('One vector for each text.')),
    prompt_eval_count: count,
  }),
  OllamaEmbedding: v.looseObject({ embedding: vector }),
  OllamaModelList: v.looseObject({ models: v.array(tag) }),
  OllamaTag: tag,
  OllamaDetails: details,
  OllamaModel: v.looseObject({
    details,
    model_info: v.looseObject({}),
    capabilities: v.array(v.string()),
    modified_at: v.string(),
  }),
  OllamaRunning: v.looseObject({ models: v.array(v.looseObject({})) }),
  OllamaVersion: v.looseObject({ version: text('The version of Ollama that Sluice stands for.') }),
} as const
