import type { Chunk, Delta } from '../chat.ts'
import { isObject, listOf, type Fields } from '../fields.ts'

/** Turns that say something are told apart by it. */
const between = '\n\n'

const shifted = (annotation: unknown, by: number): unknown => {
  if (by === 0 || !isObject(annotation) || !isObject(annotation.url_citation)) return annotation
  const { start_index, end_index, ...cited } = annotation.url_citation
  if (typeof start_index !== 'number' || typeof end_index !== 'number') return annotation
  const url_citation = { ...cited, start_index: start_index + by, end_index: end_index + by }
  return { ...annotation, url_citation }
}

/** What the client has been told so far by all turns together, which are one answer to it. */
export const createTold = () => {
  let head: Chunk = {}
  let text = ''
  /** Where the text of this turn begins. */
  let from = 0
  let calls = 0
  let details = 0
  let detailsBefore = 0
  let some = false
  let fresh = false

  const noteDetails = (list: readonly unknown[]): void => {
    for (const detail of list)
      if (isObject(detail) && typeof detail.index === 'number')
        details = Math.max(details, detail.index + 1)
  }

  return {
    /** Whether a turn is over. */
    get some() {
      return some
    },
    get text() {
      return text
    },
    /** Whether the answer has a name. */
    get begun() {
      return head.id !== undefined || head.model !== undefined
    },
    /** Follows what passes as it is. */
    note(chunk: Chunk): void {
      this.named(chunk)
      const { content, reasoning_details } = chunk.choices?.[0]?.delta ?? {}
      if (typeof content === 'string') text += content
      noteDetails(listOf(reasoning_details))
    },
    noteText(more: string): void {
      text += more
    },
    /** The chunk under the name that the whole answer has. */
    named(chunk: Chunk): Chunk {
      const { id, created, model, provider, object } = chunk
      const own = { id, created, model, provider, object }
      head = {
        ...Object.fromEntries(Object.entries(own).filter(([, one]) => one !== undefined)),
        ...head,
      }
      return { ...chunk, ...head }
    },
    /** Where the client sees its next tool call. */
    place: () => calls++,
    /** A free place among the reasoning. */
    detail: () => details++,
    /** What a turn adds, as a part of the whole answer. */
    shown(delta: Delta): Delta {
      const { content, reasoning_details: list, annotations } = delta
      const numbered = listOf(list).map((detail): unknown =>
        isObject(detail) && typeof detail.index === 'number'
          ? { ...detail, index: detail.index + detailsBefore }
          : detail,
      )
      noteDetails(numbered)
      const apart = fresh && content && text !== '' && !/\s$/.test(text) ? between : ''
      const said = typeof content === 'string' && content !== '' ? apart + content : content
      if (said) {
        if (fresh) from = text.length + apart.length
        fresh = false
        text += said
      }
      const cited = listOf(annotations).map((annotation) => shifted(annotation, from))
      return {
        ...delta,
        ...(content !== undefined && { content: said }),
        ...(Array.isArray(list) && { reasoning_details: numbered }),
        ...(Array.isArray(annotations) && { annotations: cited }),
      } as Fields & Delta
    },
    /** A turn is over, and another follows. */
    turn(): void {
      some = true
      fresh = true
      detailsBefore = details
    },
  }
}

export type Told = ReturnType<typeof createTold>
