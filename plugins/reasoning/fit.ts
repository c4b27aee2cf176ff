import {
  caller,
  endpointId,
  GatewayError,
  key,
  matches,
  notices,
  plan,
  stages,
  type Call,
  type Candidate,
  type Host,
  type Request,
} from 'sluice/plugin'
import { abilityOf, type Ability } from './ability.ts'
import { decide, type Decision } from './decide.ts'
import type { Options } from './options.ts'
import { untilMidnight, type Spent } from './spent.ts'
import { restated, saying, wishOf } from './wish.ts'

/** How the answer of the asked endpoint is to be read. */
export interface Fitted {
  readonly candidate: Candidate
  readonly ability: Ability
  /** It was told not to think. */
  readonly off: boolean
  /** Thoughts are not to be shown. */
  readonly hidden: boolean
}

/** What a call may still think, taken once for all of its attempts. */
export interface Hold {
  /** Whether nothing was left when it began. */
  over?: boolean
  settle?: (thought: number) => void
}

/** Where one listing of the plugin keeps what it knows of a call: there may be others, for other callers. */
export const createNotes = () => ({
  hold: key<Hold>('reasoning: hold', () => ({})),
  /** Of the endpoint that answers. */
  fitted: key<Fitted | undefined>('reasoning: fitted', () => undefined),
})

export type Notes = ReturnType<typeof createNotes>

const push = <T>(list: T[], item: T): void => {
  if (!list.some((known) => Bun.deepEquals(known, item))) list.push(item)
}

const tell = ({ vars }: Call, { said, notes }: Decision): void => {
  for (const note of notes) push(vars.get(notices), `reasoning: ${note}`)
  if (said === undefined) return
  const much = typeof said === 'string' ? { effort: 'none' } : said
  const [summary = said === 'off' ? 'switched off' : 'fitted to the model'] = notes
  push(vars.get(stages), { type: 'plugin', name: 'reasoning', summary, data: much })
}

/** Whether the provider is known to be told in words of its own, not in OpenRouter's. */
const hasWords = ({ provider: { quirks, dialects } }: Candidate): boolean =>
  dialects.includes('openai') && (quirks.thinking ?? 'reasoning') !== 'reasoning'

const notAllowed = 'this model may not think here'
const allSpent = 'the tokens of today are spent'

export const createFit = (options: Options, host: Host, notes: Notes, spent: Spent | undefined) => {
  const { allow, budget, when_not_allowed } = options

  const isAllowed = ({ model, endpoint }: Candidate): boolean => {
    if (!allow) return true
    const names = [model, host.canonical(model), endpointId(endpoint)]
    return allow.some((pattern) => names.some((name) => matches(pattern, name)))
  }

  const refuseSpent = (): never => {
    throw new GatewayError('caller_limit_exceeded', {
      param: 'reasoning',
      message: `reasoning: the ${budget?.tokens} tokens of today are spent; ask without reasoning, or again after midnight UTC.`,
      retryAfter: untilMidnight(new Date()),
      // no client is to wait for hours
      retryable: false,
    })
  }

  /** The request as the endpoint is to get it, with no more thought than there may be. */
  return (call: Call, candidate: Candidate): Request => {
    const { request, vars } = call
    const who = vars.get(caller)?.name ?? ''
    const hold = vars.get(notes.hold)
    const wish = wishOf(request, candidate.endpoint.model)
    const ability = abilityOf(candidate)
    const allowed = isAllowed(candidate)
    const over = (hold.over ??= spent !== undefined && spent.left(who) <= 0)
    if (wish.kind === 'on' && !allowed && when_not_allowed === 'refuse')
      throw new GatewayError('guardrail_blocked', {
        param: 'reasoning',
        message: `reasoning: ${notAllowed}.`,
      })
    if (wish.kind === 'on' && over && budget?.when_spent === 'refuse') refuseSpent()
    const isAlias = vars.get(plan)?.strategy === 'latest'
    if (wish.strict && ability.thinks === 'always' && !isAlias)
      throw new GatewayError('invalid_request_error', {
        param: 'reasoning.effort',
        message: 'reasoning.effort: this model cannot stop thinking; none is not available.',
      })
    const why = allowed ? (over ? allSpent : undefined) : notAllowed
    const rules = { ...options, ...(why !== undefined && { forbidden: why }) }
    const decision = decide(wish, ability, rules, request)
    const { said, tokens } = decision
    if (spent) hold.settle ??= spent.reserve(who, tokens)
    tell(call, decision)
    const off = said === 'off' || (said === undefined && wish.kind === 'off')
    vars.set(notes.fitted, { candidate, ability, off, hidden: wish.hidden })
    if (said !== undefined) return saying(request, said)
    return decision.much && hasWords(candidate) ? restated(request, decision.much) : request
  }
}
