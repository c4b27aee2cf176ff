import { isDataUrl } from '../text/data-url.ts'
import { textsOf } from '../text/request.ts'
import { estimateTokens } from '../text/tokens.ts'
import type { Choice, Request, Usage } from '../chat.ts'

/** Everything a choice says, in the order it stands. */
export const said = ({ text, delta }: Choice): string => {
  if (text) return text
  if (!delta) return ''
  let all = delta.content ?? ''
  if (delta.reasoning) all += delta.reasoning
  else if (delta.reasoning_content) all += delta.reasoning_content
  if (delta.refusal) all += delta.refusal
  if (delta.tool_calls)
    for (const call of delta.tool_calls)
      all += (call.function?.name ?? '') + (call.function?.arguments ?? '')
  return typeof all === 'string' ? all : ''
}

/** Usage counted by us. */
export const estimateUsage = (request: Request, answer: string): Usage => {
  const prompt_tokens = estimateTokens(
    textsOf(request)
      .filter((text) => !isDataUrl(text))
      .join('\n'),
  )
  const completion_tokens = estimateTokens(answer)
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    estimated: true,
  }
}

const count = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 1e9

/** A usage to believe: whole, sane numbers, and not less than half of what was plainly delivered. */
export const isPlausible = (usage: Usage, answer: string): boolean => {
  const { prompt_tokens, completion_tokens = 0 } = usage
  const { total_tokens = prompt_tokens + completion_tokens } = usage as Partial<Usage>
  if (!count(prompt_tokens) || !count(completion_tokens) || !count(total_tokens)) return false
  const suspicious = completion_tokens < answer.length / 16
  return !suspicious || completion_tokens >= estimateTokens(answer) / 2
}

/**
 * Whether an answer is surely longer than the tokens asked for, by more than a tenth. Both a bound that no real text
 * exceeds (eight characters a token once runs are folded) and the estimate must say so.
 */
export const exceeds = (answer: string, limit: number): boolean => {
  const most = limit * 1.1 + 16
  if (answer.length / 8 <= most) return false
  const folded = answer.replace(/(.)\1{3,}/gsu, '$1').replace(/\s+/g, ' ')
  return folded.length / 8 > most && estimateTokens(folded) > most
}
