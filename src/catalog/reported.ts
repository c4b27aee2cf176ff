import { given, isObject, type Fields } from '../fields.ts'
import type { DialectName } from '../config.ts'

/** A model as a provider lists it. */
export interface Reported {
  readonly id: string
  readonly [field: string]: unknown
}

/** One answer to the question what models there are. */
export interface Page {
  readonly models: readonly Reported[]
  /** What to add to the address for more. */
  readonly next?: string
}

const listOf = (value: unknown): readonly Fields[] =>
  Array.isArray(value) ? value.filter(isObject) : []

const secondsOf = (date: unknown): number | undefined => {
  const time = typeof date === 'string' ? Date.parse(date) : NaN
  return Number.isNaN(time) ? undefined : Math.floor(time / 1_000)
}

const named = (id: unknown, fields: Fields): readonly Reported[] =>
  typeof id === 'string' && id !== '' ? [{ ...given(fields), id }] : []

const ofClaude = ({ id, display_name, created_at, max_input_tokens, max_tokens }: Fields) =>
  named(id, {
    name: display_name,
    created: secondsOf(created_at),
    context_length: max_input_tokens,
    max_output_tokens: max_tokens,
  })

const ofGemini = (model: Fields) =>
  named(
    typeof model.name === 'string' ? model.name.replace(/^(publishers\/\w+\/)?models\//, '') : '',
    {
      name: model.displayName,
      description: model.description,
      context_length: model.inputTokenLimit,
      max_output_tokens: model.outputTokenLimit,
      supportedGenerationMethods: model.supportedGenerationMethods,
    },
  )

/** Models in whatever shape they came; servers of one format are often asked for another's list. */
export const toPage = (body: unknown): Page => {
  if (!isObject(body)) return { models: listOf(body).flatMap((item) => named(item.id, item)) }
  const { data, models, has_more, last_id, nextPageToken } = body
  if (!Array.isArray(data))
    return {
      models: listOf(models).flatMap((item) =>
        typeof item.id === 'string' ? named(item.id, item) : ofGemini(item),
      ),
      ...(typeof nextPageToken === 'string' &&
        nextPageToken !== '' && { next: `pageToken=${encodeURIComponent(nextPageToken)}` }),
    }
  return {
    models: listOf(data).flatMap((item) =>
      typeof item.display_name === 'string' && item.type === 'model'
        ? ofClaude(item)
        : named(item.id, item),
    ),
    ...(has_more === true &&
      typeof last_id === 'string' && { next: `after_id=${encodeURIComponent(last_id)}` }),
  }
}

/** What to ask with, so that most lists are one page. */
export const firstQuery = (dialect: DialectName): string => {
  if (dialect === 'anthropic') return 'limit=1000'
  return dialect === 'gemini' ? 'pageSize=1000' : ''
}
