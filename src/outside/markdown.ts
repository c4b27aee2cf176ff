import { decodeEntities } from './entities.ts'
import { createFrames, type Kind } from './frames.ts'
import { seen } from './unseen.ts'

const dropped = new Set(
  'script style noscript template svg nav aside footer form iframe button select textarea dialog canvas video audio object'.split(
    ' ',
  ),
)
const blocks = new Set(
  'p div section article main header figure figcaption blockquote dl dt dd ul ol address details summary'.split(
    ' ',
  ),
)
/** Elements that are something in Markdown. */
const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((tag) => [tag, 'heading'] as const),
  ['a', 'link'],
  ['pre', 'pre'],
  ['code', 'code'],
  ['ul', 'list'],
  ['ol', 'list'],
  ['li', 'item'],
  ['table', 'table'],
  ['tr', 'row'],
  ['td', 'cell'],
  ['th', 'cell'],
  ['main', 'matter'],
  ['article', 'matter'],
])
/** Elements that end where the next of their kind begins. */
const unclosed = new Set('p li dt dd tr td th option'.split(' '))
const roles = new Set(['navigation', 'banner', 'complementary', 'search', 'dialog'])

const invisible =
  /display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d])|font-size\s*:\s*0(?![.\d])/i

interface Element {
  readonly tagName: string
  getAttribute(name: string): string | null
  hasAttribute(name: string): boolean
}

const isHidden = (element: Element): boolean =>
  dropped.has(element.tagName) ||
  element.hasAttribute('hidden') ||
  element.getAttribute('aria-hidden') === 'true' ||
  roles.has(element.getAttribute('role') ?? '') ||
  invisible.test(element.getAttribute('style') ?? '')

const linkOf = (element: Element, base: string): string | undefined => {
  const href = decodeEntities(element.getAttribute('href') ?? '').trim()
  if (href === '' || href.startsWith('#') || !URL.canParse(href, base)) return undefined
  const { protocol, href: whole } = new URL(href, base)
  return protocol === 'http:' || protocol === 'https:' ? whole : undefined
}

/** Elements that are looked at: what comes after so many is not read. */
const mostElements = 20_000

/** A heading's level, a link's address, a code's language, whether a list is numbered. */
const aboutOf = (element: Element, tag: string, base: string): unknown => {
  if (tag === 'a') return linkOf(element, base)
  if (tag === 'code')
    return /\blang(?:uage)?-([\w+#-]{1,20})/.exec(element.getAttribute('class') ?? '')?.[1]
  return tag === 'ol' || Number(/^h(\d)$/.exec(tag)?.[1] ?? 0)
}

export interface Markdown {
  readonly title?: string
  readonly text: string
}

/**
 * What a page says, as Markdown: headings, paragraphs, lists, code, tables, links. What is not its matter (navigation,
 * forms) or cannot be seen is left out.
 * @param base its address, for links
 */
export const toMarkdown = (html: string, base: string): Markdown => {
  const frames = createFrames()
  let title = ''
  let inTitle = false
  let run = ''
  let elements = 0
  /** Hidden elements that are open, outermost first: nothing is said within one. */
  const hidden: string[] = []

  const begin = (element: Element, tag: string): void => {
    const kind = kinds.get(tag)
    if (kind) frames.open(kind, aboutOf(element, tag, base))
    else if (tag === 'br') frames.say('\n')
    else if (blocks.has(tag) || tag === 'hr') frames.block()
  }
  const end = (tag: string): void => {
    const kind = kinds.get(tag)
    if (kind) frames.close(kind)
    else if (blocks.has(tag)) frames.block()
  }

  new HTMLRewriter()
    .on('*', {
      element(element) {
        if (++elements > mostElements) return
        const tag = element.tagName.toLowerCase()
        if (hidden.at(-1) === tag && unclosed.has(tag)) hidden.pop()
        const isVoid = !element.canHaveContent || element.selfClosing
        if (hidden.length > 0 || isHidden(element)) {
          if (isVoid) return
          hidden.push(tag)
        } else {
          if (tag === 'title') inTitle = true
          begin(element, tag)
          if (isVoid) return
        }
        element.onEndTag(() => {
          const at = hidden.lastIndexOf(tag)
          if (at !== -1) hidden.length = at
          else if (hidden.length === 0) {
            if (tag === 'title') inTitle = false
            end(tag)
          }
        })
      },
    })
    // also what stands in no element
    .onDocument({
      text(chunk) {
        run += chunk.text
        if (!chunk.lastInTextNode) return
        const text = seen(decodeEntities(run))
        run = ''
        if (hidden.length > 0 || elements > mostElements) return
        if (inTitle) title ||= text.replace(/\s+/g, ' ').trim()
        else frames.text(text)
      },
    })
    .transform(html)
  return { ...(title && { title }), text: frames.end() }
}
