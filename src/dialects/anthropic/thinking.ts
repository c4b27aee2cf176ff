import { objectOf, type Fields } from '../../fields.ts'
import { shareOf } from '../../formats/effort.ts'
import type { Request } from '../../chat.ts'
import { claudeOf } from '../../providers/claude.ts'
import { takesEffort, thinksHow } from './limits.ts'

const least = 1_024
const most = 128_000

/** Below `max_tokens` and at least what the API takes; undefined where both is not possible. */
const budgetOf = (wanted: number, max: number): number | undefined =>
  max > least ? Math.min(Math.max(Math.min(Math.floor(wanted), most), least), max - 1) : undefined

const nearest = (budget: number, max: number): string => {
  const share = budget / max
  if (share <= 0.3) return 'low'
  return share <= 0.65 ? 'medium' : 'high'
}

const efforts = new Set(['low', 'medium', 'high', 'xhigh', 'max'])

/** The effort in a word that the model knows. */
const effortFor = (asked: unknown, model: string): string | undefined => {
  if (asked === 'minimal') return 'low'
  if (typeof asked !== 'string' || !efforts.has(asked)) return undefined
  return asked === 'xhigh' && thinksHow(model) !== 'adaptive' && claudeOf(model) ? 'high' : asked
}

export interface Thought {
  readonly thinking?: Fields
  readonly effort?: string
}

/** How much to think, in the words that the model takes; what it cannot do is left to its default. */
export const toThinking = (request: Request, model: string, max: number): Thought => {
  const reasoning = objectOf(request.reasoning)
  const asked = reasoning.effort ?? request.reasoning_effort
  const tokens = reasoning.max_tokens
  const verbosity = takesEffort(model) ? effortFor(request.verbosity, model) : undefined
  const said = verbosity === undefined ? {} : { effort: verbosity }
  if (reasoning.enabled === false || asked === 'none' || tokens === 0)
    // a Claude that is not told to think does not, and some refuse the word
    return claudeOf(model) ? said : { ...said, thinking: { type: 'disabled' } }
  const silent = asked === undefined && typeof tokens !== 'number' && reasoning.enabled !== true
  if (silent) return said
  const how = thinksHow(model)
  if (how === 'budget' || (how === 'both' && typeof tokens === 'number')) {
    const wanted = typeof tokens === 'number' ? tokens : max * shareOf(asked)
    const budget_tokens = budgetOf(wanted, max)
    return budget_tokens === undefined
      ? said
      : { ...said, thinking: { type: 'enabled', budget_tokens } }
  }
  const effort =
    verbosity ??
    effortFor(asked, model) ??
    (typeof tokens === 'number' ? nearest(tokens, max) : undefined)
  const display = reasoning.exclude === true ? 'omitted' : 'summarized'
  return { thinking: { type: 'adaptive', display }, ...(effort !== undefined && { effort }) }
}
