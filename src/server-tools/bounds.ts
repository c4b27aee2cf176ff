import * as v from 'valibot'
import type { Request } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import type { Turn } from './turn.ts'

/** OpenRouter's, and its default. */
const mostSteps = 30

/** Where a request has conditions of its own, which OpenRouter does not limit. */
const mostStepsEver = 100

const positive = v.pipe(v.number(), v.minValue(0))

const condition = v.variant('type', [
  v.object({ type: v.literal('step_count_is'), step_count: positive }),
  v.object({ type: v.literal('has_tool_call'), tool_name: v.string() }),
  v.object({ type: v.literal('max_tokens_used'), max_tokens: positive }),
  v.object({ type: v.literal('max_cost'), max_cost_in_dollars: positive }),
  v.object({ type: v.literal('finish_reason_is'), reason: v.string() }),
])

const schema = v.pipe(v.array(condition), v.minLength(1))

type Condition = v.InferOutput<typeof condition>

/** What a loop has used so far. */
export interface Spent {
  readonly steps: number
  readonly tokens: number
  /** Dollars, as far as prices are known. */
  readonly cost: number
}

const conditionsOf = ({ stop_server_tools_when: given }: Request): readonly Condition[] => {
  if (given === undefined || given === null) return []
  const checked = v.safeParse(schema, given, { abortEarly: true })
  if (checked.success) return checked.output
  const [issue] = checked.issues
  const param = ['stop_server_tools_when', v.getDotPath(issue)].filter(Boolean).join('.')
  throw new GatewayError('invalid_request_error', {
    param,
    message: `${param}: expected ${issue.expected ?? 'another value'}.`,
  })
}

const isMet = (one: Condition, { steps, tokens, cost }: Spent, turn: Turn): boolean => {
  switch (one.type) {
    case 'step_count_is':
      return steps >= one.step_count
    case 'has_tool_call':
      return turn.called(one.tool_name)
    case 'max_tokens_used':
      return tokens >= one.max_tokens
    case 'max_cost':
      return cost >= one.max_cost_in_dollars
    case 'finish_reason_is':
      return turn.finish === one.reason
  }
}

/**
 * When the model is to come to an end: `stop_server_tools_when`, or `max_tool_calls`, which counts the turns in which tools
 * were run. Throws GatewayError `invalid_request_error`.
 */
export const createBounds = (request: Request) => {
  const conditions = conditionsOf(request)
  const { max_tool_calls: wanted } = request
  const steps =
    conditions.length > 0
      ? mostStepsEver
      : Math.min(typeof wanted === 'number' ? wanted : mostSteps, mostSteps)
  return {
    /** No turn may call a tool at all. */
    none: steps <= 0,
    isReached: (spent: Spent, turn: Turn): boolean =>
      spent.steps >= steps || conditions.some((one) => isMet(one, spent, turn)),
  }
}
