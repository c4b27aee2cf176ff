import type { Chunk, Delta } from '../chat.ts'
import { isObject, listOf } from '../fields.ts'

/** Stands between the texts of two turns. */
const between = '\n\n'

const fields = ['content', 'reasoning', 'reasoning_content'] as const
type Field = (typeof fields)[number]

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
  /** What was said in each of these fields. */
  const texts = { content: '', reasoning: '', reasoning_content: '' }
  /** Fields in which this turn has said nothing yet, and an earlier one could have. */
  const fresh = new Set<string>()
  /** Where the text of this turn begins. */
  let from = 0
  let calls = 0
  let details = 0
  let detailsBefore = 0
  let some = false

  const noteDetails = (list: readonly unknown[]): void => {
    for (const detail of list)
      if (isObject(detail) && typeof detail.index === 'number')
        details = Math.max(details, detail.index + 1)
  }

  const say = (field: Field, text: string): string => {
    const before = texts[field]
    const isFresh = fresh.delete(field)
    const apart = isFresh && before !== '' && !/\s$/.test(before) ? between : ''
    if (isFresh && field === 'content') from = before.length + apart.length
    texts[field] += apart + text
    return apart + text
  }

  const learn = ({ id, created, model, provider, object }: Chunk): void => {
    if (head.id !== undefined && head.model !== undefined && head.provider !== undefined) return
    const names = Object.entries({ id, created, model, provider, object })
    head = { ...Object.fromEntries(names.filter(([, one]) => one !== undefined)), ...head }
  }

  return {
    /** Whether a turn is over. */
    get some() {
      return some
    },
    /** Whether the answer has a name. */
    get begun() {
      return head.id !== undefined || head.model !== undefined
    },
    /** Follows what passes as it is. */
    note(chunk: Chunk): void {
      learn(chunk)
      const { delta = {} } = chunk.choices?.[0] ?? {}
      for (const field of fields) texts[field] += delta[field] ?? ''
      noteDetails(listOf(delta.reasoning_details))
    },
    noteText(more: string): void {
      texts.content += more
    },
    /** The chunk under the name that the whole answer has. */
    named(chunk: Chunk): Chunk {
      learn(chunk)
      return { ...chunk, ...head }
    },
    /** Where the client sees its next tool call. */
    place: () => calls++,
    /** A free place among the reasoning. */
    detail: () => details++,
    /** What a turn adds, as a part of the whole answer. */
    shown(delta: Delta): Delta {
      const { reasoning_details: list, annotations } = delta
      const numbered = listOf(list).map((detail): unknown =>
        isObject(detail) && typeof detail.index === 'number'
          ? { ...detail, index: detail.index + detailsBefore }
          : detail,
      )
      noteDetails(numbered)
      const said = fields.flatMap((field) => {
        const text = delta[field]
        return text ? [[field, say(field, text)] as const] : []
      })
      const cited = listOf(annotations).map((annotation) => shifted(annotation, from))
      return {
        ...delta,
        ...Object.fromEntries(said),
        ...(Array.isArray(list) && { reasoning_details: numbered }),
        ...(Array.isArray(annotations) && { annotations: cited }),
      }
    },
    /** A turn is over, and another follows. */
    turn(): void {
      some = true
      for (const field of fields) fresh.add(field)
      detailsBefore = details
    },
  }
}

export type Told = ReturnType<typeof createTold>
