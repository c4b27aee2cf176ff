export type Kind =
  | 'all'
  | 'heading'
  | 'link'
  | 'pre'
  | 'code'
  | 'list'
  | 'item'
  | 'table'
  | 'row'
  | 'cell'
  | 'matter'

interface Frame {
  readonly kind: Kind
  readonly said: string[]
  /** A heading's level, a link's address, a code's language, whether a list is numbered. */
  readonly about?: unknown
  /** A list's items and a table's rows so far. */
  count: number
}

/** Characters below which what is marked as the page's main content is not taken for it. */
const leastMatter = 200

/** Deeper nesting is flattened: each level copies its text once more. */
const deepest = 64

const inline = (text: string): string => text.replace(/\s+/g, ' ').trim()

const tidy = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()

/** A fence that is longer than every run of the same letter inside. */
const fenced = (text: string, language: string): string => {
  const longest = (text.match(/`+/g) ?? []).reduce((most, { length }) => Math.max(most, length), 2)
  const fence = '`'.repeat(longest + 1)
  return `${fence}${language}\n${text.replace(/^\n/, '').trimEnd()}\n${fence}`
}

const frameOf = (kind: Kind, about?: unknown): Frame => ({ kind, said: [], about, count: 0 })

/** Kinds that end where the next of their own begins. */
const alone: ReadonlySet<Kind> = new Set(['cell', 'row', 'item', 'link', 'heading', 'code'])

/** Kinds that end with what they stand in. */
const holders: Readonly<Partial<Record<Kind, Kind>>> = { item: 'list', cell: 'row', row: 'table' }

/** Markdown in the making: what is open, innermost last. */
export const createFrames = () => {
  const whole = frameOf('all')
  const open: Frame[] = [whole]
  let matter = ''
  let language = ''

  const top = (): Frame => open.at(-1) ?? whole
  const within = (kind: Kind): Frame | undefined => open.findLast((frame) => frame.kind === kind)
  const say = (text: string): void => void (text !== '' && top().said.push(text))
  const block = (): void => {
    const { kind, said } = top()
    if (kind !== 'pre' && said.length > 0 && said.at(-1) !== '\n\n') said.push('\n\n')
  }
  const put = (text: string): void => {
    block()
    say(text)
    block()
  }

  const row = (text: string): void => {
    if (!text.startsWith('|')) return say(text)
    const table = within('table')
    say(`${text}|\n`)
    if (table && table.count++ === 0)
      say(`${'| --- '.repeat(text.match(/(?<!\\)\| /g)?.length ?? 1)}|\n`)
  }
  const item = (text: string): void => {
    const list = within('list')
    if (list) list.count += 1
    const lines = tidy(text).replace(/\n\n+/g, '\n').replaceAll('\n', '\n  ')
    if (lines !== '') say(`${list?.about ? `${list.count}.` : '-'} ${lines}\n`)
  }
  const link = (text: string, address: unknown): void => {
    const name = inline(text).replace(/[[\]]/g, '')
    say(typeof address === 'string' && name !== '' ? `[${name}](${address})` : text)
  }
  const finish = ({ kind, said, about, count }: Frame): void => {
    const text = said.join('')
    const isEmpty = text.trim() === ''
    if (kind === 'link') return link(text, about)
    if (kind === 'cell') return say(`| ${inline(text).replaceAll('|', '\\|')} `)
    if (kind === 'row') return row(text)
    if (kind === 'item') return item(text)
    if (isEmpty) return
    if (kind === 'code') return say(`\`${inline(text)}\``)
    if (kind === 'pre') return put(fenced(text, language))
    if (kind === 'heading') return put(`${'#'.repeat(Number(about))} ${inline(text)}`)
    if (kind === 'list' && within('item')) return say(`\n${text}`)
    if (kind === 'table' && count === 0) return put(inline(text))
    if (kind === 'matter' && text.length > matter.length) matter = text
    put(tidy(text))
  }
  const closeTo = (depth: number): void => {
    while (open.length > depth) {
      const frame = open.pop()
      if (frame) finish(frame)
    }
  }
  /** @param inside the kind that it must stand in: another's of the same kind further out stays open */
  const close = (kind: Kind, inside?: Kind): void => {
    const at = open.findLastIndex((frame) => frame.kind === kind)
    const border = inside ? open.findLastIndex((frame) => frame.kind === inside) : 0
    if (at > 0 && at >= border) closeTo(at)
  }

  return {
    say,
    block,
    close,
    open(kind: Kind, about?: unknown): void {
      // code is what it says, and nothing of Markdown; within a fence it may say its language
      if (kind === 'code' && typeof about === 'string' && within('pre')) language ||= about
      if (kind !== 'pre' && within('pre')) return
      if (alone.has(kind)) close(kind, holders[kind])
      if (kind === 'pre') language = ''
      if (open.length < deepest) open.push(frameOf(kind, about))
      else block()
    },
    text(text: string): void {
      if (within('pre')) return say(text)
      const { said, kind } = top()
      const isBlank = text.trim() === ''
      if (isBlank && (kind === 'table' || kind === 'row' || kind === 'list')) return
      const one = text.replace(/\s+/g, ' ')
      say((said.at(-1)?.at(-1) ?? ' ').trim() === '' ? one.trimStart() : one)
    },
    /** The whole page, or its main content where it marks one. */
    end(): string {
      closeTo(1)
      return tidy(matter.length >= leastMatter ? matter : whole.said.join(''))
    },
  }
}
