import { decodeEntities } from './entities.ts'
import { createFrames } from './frames.ts'
import { seen } from './unseen.ts'

const dropped = new Set(
  'script style noscript template svg nav aside footer form iframe button select textarea dialog canvas video audio object'.split(
    ' ',
  ),
)
const voids = new Set(
  'area base br col embed hr img input link meta param source track wbr'.split(' '),
)
const blocks = new Set(
  'p div section article main header figure figcaption blockquote dl dt dd ul ol address details summary'.split(
    ' ',
  ),
)
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
    if (/^h[1-6]$/.test(tag)) frames.open('heading', Number(tag[1]))
    else if (tag === 'a') frames.open('link', linkOf(element, base))
    else if (tag === 'pre') frames.open('pre')
    else if (tag === 'code') frames.code(element.getAttribute('class') ?? '')
    else if (tag === 'ul' || tag === 'ol') frames.open('list', tag === 'ol')
    else if (tag === 'li') frames.open('item')
    else if (tag === 'table') frames.open('table')
    else if (tag === 'tr') frames.open('row')
    else if (tag === 'td' || tag === 'th') frames.open('cell')
    else if (tag === 'main' || tag === 'article') frames.open('matter')
    else if (tag === 'br') frames.say('\n')
    else if (blocks.has(tag) || tag === 'hr') frames.block()
  }
  const end = (tag: string): void => {
    if (/^h[1-6]$/.test(tag)) frames.close('heading')
    else if (tag === 'a') frames.close('link')
    else if (tag === 'pre') frames.close('pre')
    else if (tag === 'code') frames.close('code')
    else if (tag === 'ul' || tag === 'ol') frames.close('list')
    else if (tag === 'li') frames.close('item')
    else if (tag === 'table') frames.close('table')
    else if (tag === 'tr') frames.close('row')
    else if (tag === 'td' || tag === 'th') frames.close('cell')
    else if (tag === 'main' || tag === 'article') frames.close('matter')
    else if (blocks.has(tag)) frames.block()
  }

  new HTMLRewriter()
    .on('*', {
      element(element) {
        if (++elements > mostElements) return
        const tag = element.tagName.toLowerCase()
        if (hidden.at(-1) === tag && unclosed.has(tag)) hidden.pop()
        const isVoid = voids.has(tag) || element.selfClosing
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
