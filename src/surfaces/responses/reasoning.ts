import { isObject, listOf, type Fields } from '../../fields.ts'
import { encryptedOf } from '../../formats/responses/reasoning.ts'
import { family, textOf } from '../../formats/responses.ts'
import type { Sheet } from './sheet.ts'

type Kind = 'summary' | 'content'

interface OpenPart {
  readonly kind: Kind
  /** The detail's index that it shows. */
  of: unknown
  text: string
}

interface OpenReasoning {
  readonly index: number
  readonly item: Fields
  /** The id that the provider gave. */
  readonly of: unknown
  readonly done: Readonly<Record<Kind, Fields[]>>
  readonly details: Record<string, unknown>[]
  part: OpenPart | undefined
  /** Whether texts that had no details were shown; details that come later repeat them. */
  shown: boolean
}

/** A part that was begun before it was known what it shows. */
const anyDetail = Symbol('any detail')

const partTypes = { summary: 'summary_text', content: 'reasoning_text' } as const
const growing = ['text', 'summary', 'data', 'signature']

/** Adds a piece to the detail that it belongs to. */
const collect = (details: Record<string, unknown>[], piece: Fields): void => {
  const known =
    piece.index === undefined
      ? undefined
      : details.find(({ index, type }) => index === piece.index && type === piece.type)
  if (!known) {
    details.push({ ...piece })
    return
  }
  for (const [field, value] of Object.entries(piece)) {
    if (value === undefined || value === null) continue
    const before = known[field]
    const grows = growing.includes(field) && typeof before === 'string' && typeof value === 'string'
    known[field] = grows ? before + value : value
  }
}

/**
 * The reasoning of an answer, of which one item at most is open.
 * @param summaries whether what another vendor's model thought is shown as a summary: the client asked for such
 */
export const createReasoning = (sheet: Sheet, summaries: boolean) => {
  const { pen } = sheet
  let open: OpenReasoning | undefined
  let detailed = false
  let next: Fields | undefined

  const placeOf = ({ index, item, done }: OpenReasoning, kind: Kind) => ({
    item_id: item.id,
    output_index: index,
    [kind === 'summary' ? 'summary_index' : 'content_index']: done[kind].length,
  })

  const closePart = () => {
    if (!open?.part) return
    const { kind, text } = open.part
    const place = placeOf(open, kind)
    const part = { type: partTypes[kind], text }
    if (kind === 'summary') {
      pen.say('response.reasoning_summary_text.done', { ...place, text })
      pen.say('response.reasoning_summary_part.done', { ...place, part })
    } else {
      pen.say('response.reasoning_text.done', { ...place, text })
      pen.say('response.content_part.done', { ...place, part })
    }
    open.done[kind].push(part)
    open.part = undefined
  }

  const itemOf = ({ item, done, details }: OpenReasoning): Fields => {
    const encrypted_content = encryptedOf(details)
    return {
      ...item,
      summary: done.summary,
      ...(done.content.length > 0 && { content: done.content }),
      ...(encrypted_content !== undefined && { encrypted_content }),
    }
  }

  const close = () => {
    if (!open) return
    closePart()
    sheet.finish(open.index, itemOf(open))
    open = undefined
  }

  const made = (index: number, item: Fields, of: unknown): OpenReasoning => ({
    index,
    item,
    of,
    done: { summary: [], content: [] },
    details: [],
    part: undefined,
    shown: false,
  })

  const openFor = (of: unknown): OpenReasoning => {
    if (open && (of === undefined || open.of === undefined || open.of === of)) return open
    close()
    const id = sheet.idAsGiven(of ?? next?.id) ?? sheet.id('rs')
    const item = { type: 'reasoning', ...next, id, summary: [] }
    next = undefined
    return (open = made(sheet.begin(item), item, of))
  }

  const show = (item: OpenReasoning, kind: Kind, of: unknown, text: string) => {
    if (text === '') return
    if (item.part?.of === anyDetail) item.part.of = of
    if (item.part && (item.part.kind !== kind || item.part.of !== of)) closePart()
    if (!item.part) {
      item.part = { kind, of, text: '' }
      const part = { type: partTypes[kind], text: '' }
      const type = kind === 'summary' ? 'response.reasoning_summary_part' : 'response.content_part'
      pen.say(`${type}.added`, { ...placeOf(item, kind), part })
    }
    item.part.text += text
    const type = kind === 'summary' ? 'response.reasoning_summary_text' : 'response.reasoning_text'
    pen.say(`${type}.delta`, { ...placeOf(item, kind), delta: text })
  }

  const kindOf = (type: unknown): Kind =>
    type === 'reasoning.summary' || summaries ? 'summary' : 'content'

  const addDetail = (detail: Fields) => {
    const native = detail.format === family
    const item = openFor(native ? detail.id : undefined)
    collect(item.details, detail)
    if (!item.shown) {
      const text = textOf(detail.summary) || textOf(detail.text)
      show(item, kindOf(detail.type), detail.index, text)
    }
    if (native && detail.type === 'reasoning.encrypted') close()
  }

  return {
    /** @param text what was thought, where `details` do not say it */
    add(text: string, details: unknown): void {
      const pieces = listOf(details).filter(isObject)
      if (pieces.length > 0) detailed = true
      for (const piece of pieces) addDetail(piece)
      if (pieces.length > 0 || text === '' || detailed) return
      const item = openFor(undefined)
      item.shown = true
      show(item, kindOf(undefined), undefined, text)
    },
    close,
    announce: ({ id, type }: Fields): void => void (next = { id, type }),
    adopt(index: number, { id, type }: Fields): void {
      sheet.put(index, undefined)
      open = made(index, { id, type, summary: [] }, id)
    },
    adoptPart(kind: Kind): void {
      if (open) open.part = { kind, of: anyDetail, text: '' }
    },
    adoptText(kind: Kind, of: unknown, text: string): void {
      if (!open) return
      open.part ??= { kind, of, text: '' }
      open.part.of = of
      open.part.text += text
    },
    adoptDetails(details: unknown): void {
      detailed = true
      for (const piece of listOf(details)) if (open && isObject(piece)) collect(open.details, piece)
    },
    adoptPartEnd(kind: Kind, part: unknown): void {
      if (!open || !isObject(part)) return
      open.done[kind].push(part)
      open.part = undefined
    },
    adoptEnd(index: number): void {
      if (open?.index === index) open = undefined
    },
  }
}
