import { isObject, type Fields } from '../../fields.ts'
import { effortOf } from '../../formats/effort.ts'

/** What the request wants of reasoning, in a word; undefined when it says nothing. */
export const wantedEffort = (request: Fields): string | undefined => {
  const { reasoning, reasoning_effort, max_tokens, max_completion_tokens } = request
  if (isObject(reasoning)) {
    if (typeof reasoning.effort === 'string') return reasoning.effort
    if (reasoning.enabled === false) return 'none'
    if (typeof reasoning.max_tokens === 'number')
      return effortOf(reasoning.max_tokens, max_completion_tokens ?? max_tokens)
    if (reasoning.enabled === true) return 'medium'
  }
  return typeof reasoning_effort === 'string' ? reasoning_effort : undefined
}

/** OpenAI's models by their names: whether they reason, and in which degrees. */
const versionOf = (model: string): number | undefined => {
  const found = /gpt-(\d+)(?:\.(\d+))?/i.exec(model)
  return found ? Number(found[1]) + Number(found[2] ?? 0) / 100 : undefined
}

/** Whether a model of OpenAI's reasons; one that it does not know by name may. */
export const reasons = (model: string): boolean => {
  const version = versionOf(model)
  return !(version !== undefined && version < 5) && !/-chat\b|chatgpt/i.test(model)
}

/** The word that a model of OpenAI's has for an effort; undefined where it has none. */
export const ofOpenAI = (effort: string, model: string): string | undefined => {
  if (!reasons(model)) return undefined
  const version = versionOf(model) ?? 0
  if (effort === 'max') return version >= 5.06 ? 'max' : version >= 5.02 ? 'xhigh' : 'high'
  if (effort === 'xhigh') return version >= 5.02 ? 'xhigh' : 'high'
  // gpt-5 has minimal, its successors none, and what came before neither
  if (effort === 'none') return version >= 5.01 ? 'none' : version >= 5 ? 'minimal' : undefined
  if (effort === 'minimal') return version >= 5 && version < 5.01 ? 'minimal' : 'low'
  return effort
}

/** Whether the name is one of OpenAI's own: a deployment of another name may be any of them. */
export const isOpenAIs = (model: string): boolean => /gpt-\d|\bo\d|chatgpt/i.test(model)

const usual: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' }

/**
 * `reasoning_effort` for a request, as the model has it.
 * @param own whether the model is one at OpenAI's own service, which refuses what it does not know
 */
export const toEffort = (request: Fields, model: string, own: boolean): string | undefined => {
  const effort = wantedEffort(request)
  if (effort === undefined) return undefined
  if (own) return ofOpenAI(effort, model)
  // elsewhere, not to be asked is the surest way not to think
  if (effort === 'none') return typeof request.reasoning_effort === 'string' ? 'none' : undefined
  return usual[effort] ?? effort
}
