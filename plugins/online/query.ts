import { collect, messageOf, textsOf, type Call, type Host, type Request } from 'sluice/plugin'

/** Characters and words; Brave takes 400 and 50, and what is excluded is said besides. */
const longest = 380
const mostWords = 44

const tidy = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** A query that engines take; of what may leave, for what is private is only known whole. */
export const cutQuery = (text: string): string => {
  const words = text.split(' ').slice(0, mostWords).join(' ')
  if (words.length <= longest) return words
  const short = words.slice(0, longest).toWellFormed()
  return short.slice(0, Math.max(short.lastIndexOf(' '), longest / 2))
}

/** The end of a text, in whole words: parts of what is private would not be known as such. */
const lastOf = (text: string, letters: number): string => {
  if (text.length <= letters) return text
  const end = text.slice(-letters)
  return end.slice(end.search(/\s/) + 1).toWellFormed()
}

/** What a question is about: of a long text, the last paragraph, for what is pasted comes before what is asked. */
const questionOf = (text: string): string => {
  if (text.length <= longest) return tidy(text)
  const prose = lastOf(text, 20_000).replace(/```[^]*?```/g, '\n\n')
  const paragraphs = prose.split(/\n\s*\n/).map(tidy)
  return paragraphs.findLast((paragraph) => paragraph.length > 8) ?? tidy(prose)
}

/** The user's last words, not cut yet; empty where there are none. */
export const plainQuery = ({ messages = [] }: Request): string => {
  const last = messages.findLast(({ role }) => role === 'user')
  if (!last) return ''
  const { content } = last
  const texts =
    typeof content === 'string' || !content
      ? [content ?? '']
      : content.flatMap(({ type, text }) => (type === 'text' && text ? [text] : []))
  return questionOf(texts.join('\n\n'))
}

const asking = `Write the one web search query whose results would help most to answer the last message of the conversation. Answer with the query alone.`

/** Messages that a query is written from, and characters of each. */
const mostMessages = 6
const mostLetters = 2_000

/** The query as a model writes it; the user's own words where it fails. */
export const writtenQuery = async (host: Host, call: Call, model: string): Promise<string> => {
  const plain = plainQuery(call.request)
  const spoken = (call.request.messages ?? []).filter(
    ({ role }) => role === 'user' || role === 'assistant',
  )
  const talk = spoken
    .slice(-mostMessages)
    .map((message) => {
      const text = textsOf({ model, messages: [message] }).join('\n')
      return `${message.role}: ${lastOf(text, mostLetters)}`
    })
    .join('\n\n')
  try {
    const answer = await collect(
      host.ask(call, {
        operation: 'chat',
        request: {
          model,
          messages: [
            { role: 'system', content: asking },
            { role: 'user', content: talk },
          ],
          max_tokens: 200,
        },
      }),
    )
    const written = tidy(answer?.choices?.[0]?.delta?.content ?? '').replace(/^["'`]+|["'`]+$/g, '')
    return written === '' ? plain : written
  } catch (error) {
    host.log.warn('no query was written', { reason: messageOf(error) })
    return plain
  }
}
