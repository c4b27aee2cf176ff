import { GatewayError } from '../errors.ts'
import { safeFetch } from './safe-fetch.ts'
import { readBytes, unread, within } from './bytes.ts'
import { decodePage } from './charset.ts'
import { toMarkdown } from './markdown.ts'
import { seen } from './unseen.ts'

export interface PageLimits {
  /** Milliseconds; 10 s by default. */
  readonly timeout?: number
  /** Of the body; 1 MB by default. */
  readonly bytes?: number
  /** Of the text; 20,000 by default. */
  readonly characters?: number
  /** Hosts (`wiki.internal`, `127.0.0.1:8080`) that may be private. Only ever what the operator says. */
  readonly allow?: readonly string[]
  /** Whether an address may be asked, that of a redirect as well. */
  readonly permits?: (url: URL) => boolean
}

export interface Page {
  /** Where it was found, redirects followed. */
  readonly url: string
  readonly title?: string
  /** As Markdown. */
  readonly text: string
  /** There was more. */
  readonly cut: boolean
}

const usual = { timeout: 10_000, bytes: 1024 * 1024, characters: 20_000 }

const headers = {
  'user-agent': 'Mozilla/5.0 (compatible; Sluice)',
  accept: 'text/html,application/xhtml+xml,text/markdown,text/plain,application/json;q=0.9',
}

const html = /^(text\/html|application\/xhtml\+xml)\b/i
const plain = /^(text\/(?!html)[\w.+-]+|application\/([\w.-]+\+)?(json|xml|yaml))\b/i

const cutTo = (text: string, characters: number): string =>
  text.length > characters ? text.slice(0, characters).toWellFormed() : text

/**
 * A page of the web as Markdown: over http(s) from public addresses, within limits. Rejects with a GatewayError
 * (`url_not_allowed`, `page_not_read`) whose words say why.
 */
export const readPage = async (
  address: string,
  limits: PageLimits = {},
  signal?: AbortSignal,
): Promise<Page> => {
  const { timeout, bytes: most, characters, allow, permits } = { ...usual, ...limits }
  if (!URL.canParse(address)) throw unread('That is not an address.')
  const until = within(timeout, signal)
  try {
    const { response, url } = await safeFetch(address, { headers, signal: until }, allow, permits)
    const type = response.headers.get('content-type') ?? ''
    const isHtml = html.test(type)
    if (!response.ok || !(isHtml || plain.test(type))) {
      await response.body?.cancel()
      throw unread(
        response.ok
          ? 'The page is not a text.'
          : `The page could not be read: status ${response.status}.`,
      )
    }
    const { bytes, cut } = await readBytes(response, most)
    const written = decodePage(bytes, type)
    const { title, text } = isHtml
      ? toMarkdown(written, url)
      : { title: undefined, text: seen(written).trim() }
    return {
      url,
      ...(title && { title }),
      text: cutTo(text, characters),
      cut: cut || text.length > characters,
    }
  } catch (error) {
    if (error instanceof GatewayError || signal?.aborted) throw error
    throw unread(until.aborted ? 'The page took too long.' : 'The page could not be reached.')
  }
}
