import { dialectOf, type Kind } from './desk.ts'

/** Where a cache ends is no part of what is cached. */
const marks = ['cache_control', 'prompt_cache_breakpoint']

const unmarked = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value ?? null, (key, one) => (marks.includes(key) ? undefined : one)))

interface Cached {
  /** What stands before all messages, as text. */
  readonly head: string
  /** The messages, each as text. */
  readonly messages: readonly string[]
}

/** What a provider caches of a request, in the order in which it does. */
export const cachedOf = (kind: Kind, body: any): Cached => {
  const list = {
    openai: body.messages,
    anthropic: body.messages,
    gemini: body.contents,
    responses: body.input,
  }[dialectOf(kind)]
  const head = [body.tools, body.system, body.systemInstruction, body.instructions]
  return {
    head: JSON.stringify(unmarked(head)),
    messages: (list as unknown[]).map((message) => JSON.stringify(unmarked(message))),
  }
}
