import { objectOf, type Fields } from '../../fields.ts'
import type { Request } from '../../chat.ts'
import { withoutCustomTools } from '../../formats/custom-tools.ts'
import { stringOf, type Family } from './family.ts'
import { effortOf, toOwnOptions } from './own-options.ts'
import { toPrompt, type Warn } from './prompt.ts'
import { toTools } from './tools.ts'

const efforts = new Set(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'])

const formatOf = (written: unknown): Fields | undefined => {
  const { type, json_schema } = objectOf(written)
  if (type === 'json_object') return { type: 'json' }
  if (type !== 'json_schema') return undefined
  const { schema, name, description } = objectOf(json_schema)
  return {
    type: 'json',
    schema,
    ...(typeof name === 'string' && { name }),
    ...(typeof description === 'string' && { description }),
  }
}

const stopsOf = (stop: unknown): readonly unknown[] | undefined => {
  if (typeof stop === 'string') return [stop]
  return Array.isArray(stop) && stop.length > 0 ? stop : undefined
}

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined

/** A chat request as options of `doGenerate` and `doStream`. */
export const toOptions = (written: Request, model: string, family: Family, warn: Warn): Fields => {
  const request = withoutCustomTools(written)
  if (typeof request.n === 'number' && request.n > 1)
    warn('n above 1 is not available at this provider')
  const own = toOwnOptions(request, model, family)
  const effort = effortOf(request)
  const options: Fields = {
    prompt: toPrompt(request.messages ?? [], family, warn),
    maxOutputTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
    temperature: numberOf(request.temperature),
    topP: numberOf(request.top_p),
    topK: numberOf(request.top_k),
    presencePenalty: numberOf(request.presence_penalty),
    frequencyPenalty: numberOf(request.frequency_penalty),
    stopSequences: stopsOf(request.stop),
    seed: numberOf(request.seed),
    responseFormat: formatOf(request.response_format),
    reasoning: family.version === 'v4' && efforts.has(stringOf(effort) ?? '') ? effort : undefined,
    ...toTools(request, warn),
    providerOptions: own.options,
    ...own.rest,
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
