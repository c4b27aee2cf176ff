import { isObject, type Fields } from '../../fields.ts'
import { marked } from '../../formats/gemini/marks.ts'
import { toJsonSchema } from '../../formats/gemini/schema.ts'
import { wordOf } from '../../formats/unchecked.ts'

const names: Readonly<Record<string, string>> = {
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
  candidateCount: 'n',
  maxOutputTokens: 'max_tokens',
  stopSequences: 'stop',
  seed: 'seed',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
  responseLogprobs: 'logprobs',
  logprobs: 'top_logprobs',
}

const readThinking = (written: Fields): Fields => {
  const { thinkingBudget: budget, thinkingLevel: level, includeThoughts } = written
  if (budget === 0) return { effort: 'none' }
  if (typeof budget === 'number' && budget > 0) return { max_tokens: budget }
  if (typeof level === 'string' && level !== 'THINKING_LEVEL_UNSPECIFIED')
    return { effort: level.toLowerCase() }
  return budget === -1 || includeThoughts === true ? { enabled: true } : {}
}

const readFormat = ({ responseMimeType, responseSchema, responseJsonSchema }: Fields): Fields => {
  if (responseMimeType !== 'application/json') return {}
  const own = responseJsonSchema === undefined && responseSchema !== undefined
  const schema = responseJsonSchema ?? toJsonSchema(responseSchema)
  if (schema === undefined) return { response_format: { type: 'json_object' } }
  const origin = own ? { written: responseSchema, read: schema } : {}
  const format = { type: 'json_schema', json_schema: { name: 'response', schema } }
  return { response_format: marked(format, origin) }
}

/** What is asked of the answer. */
export const readConfig = (written: unknown): Fields => {
  if (!isObject(written)) return {}
  const { thinkingConfig, responseModalities: modes } = written
  const plain = Object.entries(names).flatMap(([from, to]) =>
    written[from] === undefined || written[from] === null ? [] : [[to, written[from]]],
  )
  const thinking = isObject(thinkingConfig) ? readThinking(thinkingConfig) : {}
  return {
    ...Object.fromEntries(plain),
    ...(isObject(thinkingConfig) &&
      Object.keys(thinking).length > 0 && {
        reasoning: marked(thinking, { written: thinkingConfig, read: thinking }),
      }),
    ...readFormat(written),
    ...(Array.isArray(modes) && {
      modalities: modes.map((mode) => wordOf(mode).toLowerCase()),
    }),
  }
}
