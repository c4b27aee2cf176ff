import { isObject } from '../../fields.ts'
import type { Prefill } from '../../providers/prefill.ts'

type Body = Readonly<Record<string, unknown>>

/** The body, whose last message the model is to go on with, as the host wants to be told that. */
export const withPrefill = (body: Body, how: Prefill): Body => {
  if (how === 'vllm') return { ...body, continue_final_message: true, add_generation_prompt: false }
  const { messages } = body
  if (how !== 'prefix' || !Array.isArray(messages)) return body
  const last: unknown = messages.at(-1)
  return isObject(last) && last.role === 'assistant'
    ? { ...body, messages: [...messages.slice(0, -1), { ...last, prefix: true }] }
    : body
}
