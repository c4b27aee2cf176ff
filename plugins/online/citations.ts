import { v, type Choice, type Chunk } from 'sluice/plugin'
import { withSearches } from './usage.ts'
import type { Result } from './wanted.ts'

interface Place {
  readonly start: number
  readonly end: number
}

/** How far before its address the name of a link may begin. */
const longestName = 300

/** Letters of the found text that a citation repeats. */
const mostContent = 500

/** The whole Markdown link that the address at these places stands in. */
const linkAround = (text: string, { start, end }: Place): Place => {
  if (text[end] !== ')' || text.slice(start - 2, start) !== '](') return { start, end }
  const from = text.lastIndexOf('[', start - 2)
  const isNear =
    from !== -1 && start - from <= longestName && !text.slice(from, start).includes('\n')
  return isNear ? { start: from, end: end + 1 } : { start, end }
}

const placeOf = (text: string, address: string): Place | undefined => {
  for (let at = text.indexOf(address); at !== -1; at = text.indexOf(address, at + 1)) {
    const end = at + address.length
    // a longer address that begins alike is another
    if (!/^[\w\-/?#=&%~+@]|^[.,;:][\w/]/.test(text.slice(end, end + 2))) return { start: at, end }
  }
  return undefined
}

/** An address as it stands in the results, and as models like to write it. */
const writings = (url: string): readonly string[] => {
  const { href } = new URL(url)
  return [...new Set([href, url, href.endsWith('/') ? href.slice(0, -1) : `${href}/`])]
}

/** The results that a text cites, each where that is first done. */
const citedIn = (text: string, results: readonly Result[]) =>
  [...new Map(results.map((result) => [result.url, result])).values()]
    .flatMap((result) => {
      const places = writings(result.url).flatMap((address) => placeOf(text, address) ?? [])
      const [first] = places.toSorted((one, other) => one.start - other.start)
      return first ? [{ ...linkAround(text, first), result }] : []
    })
    .toSorted((one, other) => one.start - other.start)
    .map(({ start, end, result: { url, title, content } }) => ({
      type: 'url_citation',
      url_citation: {
        url,
        title,
        ...(content && { content: content.slice(0, mostContent).toWellFormed() }),
        start_index: start,
        end_index: end,
      },
    }))

const cited = v.object({ url_citation: v.object({ url: v.string() }) })
const urlOf = (annotation: unknown): string | undefined =>
  v.is(cited, annotation) ? annotation.url_citation.url : undefined

/**
 * The answer, of which each choice ends with what it cites.
 * @param searches told in its usage; without it, somebody else tells that
 */
export async function* withCitations(
  chunks: AsyncIterable<Chunk>,
  results: readonly Result[],
  searches?: number,
): AsyncGenerator<Chunk> {
  const said = new Map<number, string>()
  const ended = (choice: Choice): Choice => {
    const { index, delta, finish_reason } = choice
    if (delta?.content) said.set(index, (said.get(index) ?? '') + delta.content)
    if (!finish_reason) return choice
    const own: readonly unknown[] = Array.isArray(delta?.annotations) ? delta.annotations : []
    const known = new Set(own.map(urlOf))
    const annotations = citedIn(said.get(index) ?? '', results).filter(
      (one) => !known.has(urlOf(one)),
    )
    if (annotations.length === 0) return choice
    return { ...choice, delta: { ...delta, annotations: [...own, ...annotations] } }
  }
  for await (const chunk of chunks) {
    const choices = chunk.choices?.map(ended)
    const same = choices?.every((choice, at) => choice === chunk.choices?.[at]) ?? true
    const counted = searches !== undefined && chunk.usage
    if (same && !counted) yield chunk
    else
      yield {
        ...chunk,
        ...(choices && { choices }),
        ...(counted && {
          usage: withSearches(counted, searches),
        }),
      }
  }
}
