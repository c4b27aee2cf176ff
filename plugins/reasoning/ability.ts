import type { Candidate } from 'sluice/plugin'
import { familyOf, type Family } from './families.ts'

/** How a model thinks at one provider, as far as anybody knows. */
export interface Ability {
  readonly thinks: Family['thinks'] | 'unknown'
  readonly efforts?: readonly string[]
  /** Whether it takes a budget of tokens; undefined where nobody knows. */
  readonly budget?: boolean
  readonly least?: number
  readonly inside: boolean
  /** Most tokens of an answer. */
  readonly limit?: number
}

type Asked = Pick<Candidate, 'endpoint' | 'model' | 'facts'>

const habitOf = ({ facts }: Asked, family: Family | undefined): Ability['thinks'] => {
  const { reasoning, supported_parameters: parameters } = facts
  if (reasoning?.mandatory === true) return 'always'
  if (reasoning?.default_enabled !== undefined)
    return reasoning.default_enabled ? 'usually' : 'asked'
  if (family)
    return family.thinks === 'always' && reasoning?.mandatory === false ? 'usually' : family.thinks
  // what can think mostly does
  if (reasoning) return 'usually'
  return parameters && !parameters.includes('reasoning') ? 'never' : 'unknown'
}

export const abilityOf = (candidate: Asked): Ability => {
  const { endpoint, model, facts } = candidate
  const family = familyOf(endpoint.model) ?? familyOf(model)
  const { supported_efforts, supports_max_tokens, mandatory } = facts.reasoning ?? {}
  const known = supported_efforts ?? family?.efforts
  // one that has a switch need not have the word
  const efforts =
    known && mandatory === false && !known.includes('none') ? [...known, 'none'] : known
  return {
    thinks: habitOf(candidate, family),
    inside: family?.inside ?? false,
    ...(efforts && { efforts }),
    ...(supports_max_tokens !== undefined && { budget: supports_max_tokens }),
    ...(family?.least !== undefined && { least: family.least }),
    ...(facts.max_completion_tokens !== undefined && { limit: facts.max_completion_tokens }),
  }
}
