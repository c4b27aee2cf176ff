import type { Request } from 'sluice/plugin'
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
