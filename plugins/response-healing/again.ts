import type { Request, Usage } from 'sluice/plugin'
import type { Healed } from './heal.ts'
import type { Wanted } from './wanted.ts'

/** The request once more, with what came of it and why that will not do; undefined where nobody was asked in words. */
export const againOf = (
  request: Request,
  { text, problem = '' }: Healed,
  { anything }: Wanted,
): Request | undefined => {
  if (!request.messages) return undefined
  const what = anything ? 'a JSON object' : 'JSON that follows the schema'
  const content = `Your answer is not ${what}:\n${problem}\nAnswer again, with nothing but the JSON.`
  return {
    ...request,
    messages: [
      ...request.messages,
      { role: 'assistant', content: text },
      { role: 'user', content },
    ],
  }
}

const add = (one: unknown, other: unknown): unknown => {
  if (typeof one === 'number' && typeof other === 'number') return one + other
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return other ?? one
  const sum: Record<string, unknown> = { ...one }
  for (const [name, value] of Object.entries(other)) sum[name] = add(sum[name], value)
  return sum
}

/** What two answers took together. */
export const sumOf = (one: Usage | undefined, other: Usage | undefined): Usage | undefined =>
  one && other ? (add(one, other) as Usage) : (one ?? other)
