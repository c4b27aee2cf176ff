import { given, objectOf, type Fields } from '../../fields.ts'
import type { Request } from '../../chat.ts'
import { outputLimit } from '../anthropic/limits.ts'
import { toThinking } from '../anthropic/thinking.ts'
import { stringOf, type Family } from './family.ts'

/** What the specification has no word for, in the package's own, and what it says otherwise because of that. */
export interface Own {
  readonly options: Fields
  readonly rest?: Fields
}

const picked = (request: Request, fields: readonly string[]): Fields =>
  given(Object.fromEntries(fields.map((field) => [field, request[field]])))

/** The effort in the specification's words; undefined where none is asked. */
export const effortOf = ({ reasoning, reasoning_effort }: Request): string | undefined => {
  const { effort, enabled, max_tokens } = objectOf(reasoning)
  if (enabled === false || max_tokens === 0) return 'none'
  const asked = stringOf(effort) ?? stringOf(reasoning_effort)
  if (asked !== undefined) return asked
  return enabled === true || typeof max_tokens === 'number' ? 'medium' : undefined
}

const strictness = ({ response_format }: Request) => {
  const { strict } = objectOf(objectOf(response_format).json_schema)
  return typeof strict === 'boolean' ? { strictJsonSchema: strict } : {}
}

/** A budget that the package adds to the limit is taken off it before. */
const claudes = (request: Request, model: string): Own => {
  const limit = request.max_completion_tokens ?? request.max_tokens
  const { thinking, effort } = toThinking(request, model, limit ?? outputLimit(model))
  const { type, budget_tokens, display } = objectOf(thinking)
  const budget = typeof budget_tokens === 'number' ? budget_tokens : 0
  const user = stringOf(request.user)
  const caching = request.cache_control
  return {
    options: {
      anthropic: given({
        thinking: thinking && given({ type, budgetTokens: budget_tokens, display }),
        effort,
        disableParallelToolUse: request.parallel_tool_calls === false ? true : undefined,
        metadata: user === undefined ? undefined : { userId: user },
        cacheControl: caching,
      }),
    },
    rest: {
      reasoning: undefined,
      ...(limit && budget > 0 && { maxOutputTokens: limit - budget }),
    },
  }
}

const geminis = (request: Request, { version }: Family): Own => {
  const { max_tokens, exclude } = objectOf(request.reasoning)
  const effort = effortOf(request)
  if (effort === undefined || effort === 'none') return { options: {} }
  const budget = typeof max_tokens === 'number' ? max_tokens : undefined
  const thinkingConfig = given({
    includeThoughts: exclude !== true,
    thinkingBudget: budget,
    thinkingLevel: budget === undefined && version !== 'v4' ? effort : undefined,
  })
  const options = { thinkingConfig }
  return { options: { google: options, vertex: options } }
}

const openais = (request: Request, { version }: Family): Own => {
  const { summary } = objectOf(request.reasoning)
  const options = given({
    user: request.user,
    parallelToolCalls: request.parallel_tool_calls,
    logitBias: request.logit_bias,
    serviceTier: request.service_tier,
    textVerbosity: request.verbosity,
    promptCacheKey: request.prompt_cache_key,
    safetyIdentifier: request.safety_identifier,
    metadata: request.metadata,
    reasoningSummary: summary,
    reasoningEffort: version === 'v4' ? undefined : effortOf(request),
    // its sealed thoughts are only given away where nothing is stored
    store: request.store ?? false,
    ...strictness(request),
  })
  return { options: { openai: options, azure: options } }
}

const openaiFields = [
  'user',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'parallel_tool_calls',
  'service_tier',
  'metadata',
  'min_p',
  'prompt_cache_key',
] as const
const routerFields = ['reasoning', 'reasoning_effort', 'provider', 'plugins', 'verbosity'] as const

const compatible = (request: Request, { own, version }: Family): Own => ({
  options: {
    [own]: given({
      ...picked(request, [...openaiFields, 'top_k']),
      textVerbosity: request.verbosity,
      reasoningEffort: version === 'v4' ? undefined : effortOf(request),
      ...strictness(request),
    }),
  },
  rest: { topK: undefined },
})

const others = (request: Request, { own, version }: Family): Own => ({
  options: {
    [own]: given({
      user: request.user,
      parallelToolCalls: request.parallel_tool_calls,
      reasoningEffort: version === 'v4' ? undefined : effortOf(request),
    }),
  },
})

/** What the package takes besides the call's common options. */
export const toOwnOptions = (request: Request, model: string, family: Family): Own => {
  switch (family.kind) {
    case 'anthropic':
      return family.own === 'amazonBedrock' ? { options: {} } : claudes(request, model)
    case 'google':
      return geminis(request, family)
    case 'openai':
      return openais(request, family)
    case 'compatible':
      return compatible(request, family)
    case 'openrouter':
      return {
        options: { openrouter: picked(request, [...openaiFields, ...routerFields]) },
        rest: { reasoning: undefined },
      }
    default:
      return others(request, family)
  }
}
