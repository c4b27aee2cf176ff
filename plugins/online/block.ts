import { harmless, untrusted, type Message, type Request } from 'sluice/plugin'
import type { Result } from './wanted.ts'

/** OpenRouter's words. */
export const usualPrompt = (date: string): string =>
  `A web search was conducted on \`${date}\`. Incorporate the following web search results into your response.

IMPORTANT: Cite them using markdown links named using the domain of the source.
Example: [nytimes.com](https://nytimes.com/some-page).`

/** The results as a model reads them. */
export const listed = (results: readonly Result[]): string => {
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
 * The request with a text at its end: after the user's last words, or after what tools have said since. All before it
 * stays as it is, so that prompt caches hold.
 */
export const withAtEnd = (request: Request, text: string): Request => {
  const { messages = [] } = request
  const last = messages.at(-1)
  // an answer that was begun for the model goes on after it
  const end = last?.role === 'assistant' ? messages.length - 1 : messages.length
  const before = messages[end - 1]
  const added =
    before?.role === 'user'
      ? [...messages.slice(0, end - 1), appended(before, text)]
      : [...messages.slice(0, end), { role: 'user', content: text }]
  return { ...request, messages: [...added, ...messages.slice(end)] }
}
