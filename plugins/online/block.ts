import { harmless, untrusted, type Message, type Request } from 'sluice/plugin'
import type { Result } from './wanted.ts'

/** OpenRouter's own prompt. */
export const usualPrompt = (): string =>
  `A web search was conducted on \`${new Date().toISOString().slice(0, 10)}\`. Incorporate the following web search results into your response.

IMPORTANT: Cite them using markdown links named using the domain of the source.
Example: [nytimes.com](https://nytimes.com/some-page).`

/** The texts of results, remembered as long as the results are. */
const texts = new WeakMap<readonly Result[], string>()

/** The results as a model reads them. */
export const listed = (results: readonly Result[]): string => {
  const text = texts.get(results) ?? write(results)
  texts.set(results, text)
  return text
}

const write = (results: readonly Result[]): string => {
  if (results.length === 0) return 'The web search found nothing.'
  const list = results.map(({ url, title, content, date }, at) =>
    [
      `## ${at + 1}. ${harmless(title).replace(/\s+/g, ' ')}`,
      `URL: ${new URL(url).href}`,
      ...(date ? [`Date: ${date.slice(0, 40)}`] : []),
      '',
      harmless(content),
    ].join('\n'),
  )
  return untrusted('web search results', list.join('\n\n'))
}

const appended = (message: Message, text: string): Message => {
  const { content } = message
  return Array.isArray(content)
    ? { ...message, content: [...content, { type: 'text', text }] }
    : { ...message, content: [content, text].filter(Boolean).join('\n\n') }
}

/**
 * The request with a text after the user's last words. All before it stays as it is, and in the turns that tools take it
 * stands where it stood: so that prompt caches hold.
 */
export const withResults = (request: Request, text: string): Request => {
  const { messages = [] } = request
  const last = messages.findLastIndex(({ role }) => role === 'user')
  return {
    ...request,
    messages: messages.map((message, at) => (at === last ? appended(message, text) : message)),
  }
}
