import { effortOf, shareOf, type Request } from 'sluice/plugin'
import type { Ability } from './ability.ts'
import { leastOf, lowerThan, nearest, rankOf } from './efforts.ts'
import type { Options } from './options.ts'
import type { Much, Said, Wish } from './wish.ts'

/** What becomes of a wish. */
export interface Decision {
  /** Undefined: what the client wrote stays as it is. */
  readonly said: Said | undefined
  /** How much that is, where it thinks. */
  readonly much?: Much
  /** What of it the client did not get, in words for it. */
  readonly notes: readonly string[]
  /** The most tokens of thought, about. */
  readonly tokens: number
}

export interface Rules extends Pick<Options, 'default' | 'max_effort' | 'max_tokens'> {
  /** Why it may not think at all. */
  readonly forbidden?: string
}

/** Tokens; what models that think may say where nobody sets a limit. */
const usualLimit = 64_000

const untouched = (tokens: number): Decision => ({ said: undefined, notes: [], tokens })

interface Asking {
  readonly ability: Ability
  readonly limit: number
}

/** As little thought as the model can be told; undefined where nothing need be said. */
const leastSaid = ({ thinks, efforts, least }: Ability, kind: Wish['kind']): Said | undefined => {
  const word = leastOf(efforts)
  if (thinks === 'always') {
    if (word !== undefined) return { effort: word }
    if (least !== undefined) return { max_tokens: least }
    return kind === 'silent' ? undefined : 'nothing'
  }
  if (thinks === 'usually')
    return word === undefined || efforts?.includes('none') ? 'off' : { effort: word }
  // who is not asked to think does not
  return kind === 'on' ? 'off' : undefined
}

const mostTokens = (said: Said | undefined, { ability, limit }: Asking): number => {
  if (said === 'off') return 0
  if (said === undefined || said === 'nothing')
    return ability.thinks === 'always' || ability.thinks === 'usually'
      ? limit * shareOf('medium')
      : 0
  return 'max_tokens' in said ? said.max_tokens : limit * shareOf(said.effort)
}

/** Without thought, as far as the model can; the client hears where that is not what it asked for. */
const without = (wish: Wish, asking: Asking, forbidden?: string): Decision => {
  const { ability } = asking
  const said = leastSaid(ability, wish.kind)
  const tokens = mostTokens(said, asking)
  const extent = said === 'off' ? 'so it is off' : 'so it is as little as the model can'
  if (wish.kind === 'on' && forbidden !== undefined)
    return { said, notes: [`${forbidden}, ${extent}`], tokens }
  const cannot = wish.kind === 'off' && ability.thinks === 'always'
  const notes = cannot ? ['this model cannot stop thinking and was asked for the least'] : []
  return { said, notes, tokens }
}

const isBudget = (much: Much): much is { readonly max_tokens: number } => 'max_tokens' in much

/** Not more effort than may be. */
const underEffort = (much: Much, most: string | undefined, limit: number): Much => {
  if (most === undefined) return much
  if (!isBudget(much)) return rankOf(much.effort) > rankOf(most) ? { effort: most } : much
  const allowed = Math.floor(limit * shareOf(most))
  return much.max_tokens > allowed ? { max_tokens: allowed } : much
}

/** Not more tokens than may be: as a budget where the model takes one, else as the effort whose share is no more. */
const underTokens = (much: Much, most: number | undefined, { ability, limit }: Asking): Much => {
  if (most === undefined) return much
  if (isBudget(much)) return much.max_tokens > most ? { max_tokens: most } : much
  if (limit * shareOf(much.effort) <= most) return much
  if (ability.budget) return { max_tokens: most }
  let { effort } = much
  while (limit * shareOf(effort) > most && rankOf(effort) > 0) effort = lowerThan(effort)
  return { effort }
}

/** In words that the model knows. */
const supported = (much: Much, { ability, limit }: Asking): Much => {
  const { efforts, budget } = ability
  if (!isBudget(much)) return { effort: nearest(much.effort, efforts) }
  const speaksWords = budget === false && efforts !== undefined
  return speaksWords ? { effort: nearest(effortOf(much.max_tokens, limit), efforts) } : much
}

const wordsOf = (much: Much): string =>
  isBudget(much) ? `a budget of ${much.max_tokens} tokens` : `effort ${much.effort}`

const isSame = (one: Much, other: Much): boolean =>
  isBudget(one)
    ? isBudget(other) && one.max_tokens === other.max_tokens
    : !isBudget(other) && one.effort === other.effort

/** A budget says more than a word, unless that is too much. */
const askedOf = ({ effort, tokens }: Wish, most: string | undefined): Much => {
  const isTooMuch = effort !== undefined && most !== undefined && rankOf(effort) > rankOf(most)
  if (tokens !== undefined && !isTooMuch) return { max_tokens: tokens }
  return { effort: effort ?? 'medium' }
}

const thinking = (wish: Wish, rules: Rules, asking: Asking): Decision => {
  const asked = askedOf(wish, rules.max_effort)
  const allowed = underTokens(
    underEffort(asked, rules.max_effort, asking.limit),
    rules.max_tokens,
    asking,
  )
  const much = supported(allowed, asking)
  const notes = isSame(allowed, asked) ? [] : [`lowered to ${wordsOf(much)}`]
  const tokens = mostTokens(much, asking)
  return { said: isSame(much, asked) ? undefined : much, much, notes, tokens }
}

/** What a model is told of thinking, and what the client hears of it. */
export const decide = (wish: Wish, ability: Ability, rules: Rules, request: Request): Decision => {
  const told = request.max_completion_tokens ?? request.max_tokens
  const limit = typeof told === 'number' ? told : (ability.limit ?? usualLimit)
  const asking = { ability, limit }
  if (ability.thinks === 'never') return untouched(0)
  if (wish.kind === 'off') return without(wish, asking)
  if (rules.forbidden !== undefined) return without(wish, asking, rules.forbidden)
  if (wish.kind === 'on') return thinking(wish, rules, asking)
  if (rules.default === 'provider') return untouched(mostTokens(undefined, asking))
  if (rules.default === 'off') return without(wish, asking)
  if (ability.thinks === 'unknown') return untouched(0)
  const { said, tokens } = thinking({ ...wish, kind: 'on', effort: rules.default }, rules, asking)
  return { said: said ?? { effort: rules.default }, notes: [], tokens }
}
