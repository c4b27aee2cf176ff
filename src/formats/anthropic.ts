import { lookUp } from './unchecked.ts'

/** The format of Claude's own reasoning details; OpenRouter's default where a detail names none. */
export const claudeFormat = 'anthropic-claude-v1'

/** Whether a reasoning detail is Claude's own and may go back to it. */
export const isClaudes = ({ format }: { readonly format?: unknown }): boolean =>
  format === undefined || format === null || format === claudeFormat

const finishes: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'content_filter',
}

/** The canonical finish; a reason that is new here is a stop. */
export const toFinish = (reason: string): string => lookUp(finishes, reason) ?? 'stop'

const reasons: Readonly<Record<string, string>> = {
  stop: 'end_turn',
  tool_calls: 'tool_use',
  function_call: 'tool_use',
  length: 'max_tokens',
  content_filter: 'refusal',
}

/** `stop_reason`: the provider's own word where it was Anthropic's, else what the finish means. */
export const toStopReason = (finish: string | null | undefined, native?: unknown): string => {
  if (typeof native === 'string' && Object.hasOwn(finishes, native)) return native
  return lookUp(reasons, finish) ?? 'end_turn'
}
