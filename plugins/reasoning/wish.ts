import { isObject, objectOf, type Fields, type Request } from 'sluice/plugin'

/** What a request wants of thinking, in whichever words. */
export interface Wish {
  readonly kind: 'silent' | 'off' | 'on'
  /** `none` was said explicitly: a model that cannot stop thinking refuses it. */
  readonly strict: boolean
  readonly effort?: string
  readonly tokens?: number
  /** It shall not be shown. */
  readonly hidden: boolean
}

const isSaid = (value: unknown): boolean => value !== undefined && value !== null

/** Fields that say nothing of whether to think. */
const silent = new Set(['exclude', 'enabled', 'effort', 'max_tokens'])

/** @param model one that ends in `:thinking` was chosen for that */
export const wishOf = (request: Request, model: string): Wish => {
  const { reasoning, reasoning_effort, include_reasoning } = request
  const asked = objectOf(reasoning)
  const hidden = asked.exclude === true || include_reasoning === false
  const word = asked.effort ?? reasoning_effort
  const effort = typeof word === 'string' ? word : undefined
  const tokens = typeof asked.max_tokens === 'number' ? asked.max_tokens : undefined
  if (effort === 'none') return { kind: 'off', strict: asked.enabled !== false, hidden }
  if (asked.enabled === false || tokens === 0) return { kind: 'off', strict: false, hidden }
  const isOn =
    effort !== undefined ||
    tokens !== undefined ||
    asked.enabled === true ||
    include_reasoning === true ||
    model.endsWith(':thinking') ||
    (isObject(reasoning) && Object.keys(reasoning).length === 0) ||
    Object.entries(asked).some(([field, value]) => !silent.has(field) && isSaid(value))
  return {
    kind: isOn ? 'on' : 'silent',
    strict: false,
    hidden,
    ...(effort !== undefined && { effort }),
    ...(tokens !== undefined && { tokens }),
  }
}

export type Much = { readonly effort: string } | { readonly max_tokens: number }

/** How much to think, as it is to be said. */
export type Said = Much | 'off' | 'nothing'

/**
 * The request, saying so: in one object that all formats read, beside what it says of how thoughts are shown. Both
 * words for `off` are there, as some models know only the one.
 */
export const saying = (request: Request, said: Said): Request => {
  const { reasoning, reasoning_effort, include_reasoning, ...other } = request
  const kept = said === 'off' && reasoning_effort === 'none' ? { reasoning_effort } : {}
  const rest = { ...other, ...kept }
  const { effort: _effort, max_tokens: _tokens, enabled: _enabled, ...shown } = objectOf(reasoning)
  const hidden = include_reasoning === false ? { exclude: true } : {}
  const much = said === 'off' ? { effort: 'none', enabled: false } : said
  if (much === 'nothing') {
    const left = { ...shown, ...hidden }
    return Object.keys(left).length > 0 ? { ...rest, reasoning: left } : rest
  }
  return { ...rest, reasoning: { ...shown, ...hidden, ...much } }
}

/**
 * The request, in other words of the same meaning: what a client says of thinking goes to a provider of its own format
 * as it came, what a plugin says in that provider's words.
 */
export const restated = (request: Request, much: Much): Request => {
  const { reasoning } = request
  if (!isObject(reasoning)) return request
  const said = saying(request, much)
  // without `enabled` it would equal what the client wrote
  return reasoning.enabled === true
    ? said
    : { ...said, reasoning: { ...(said.reasoning as Fields), enabled: true } }
}
