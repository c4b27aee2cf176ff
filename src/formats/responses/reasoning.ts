import { isObject, listOf, type Fields } from '../../fields.ts'
import { isSealed, open, seal } from '../envelope.ts'
import { family, textOf } from '../responses.ts'

/** What an item says to be read, joined as one text. */
export const readable = (item: Fields): string =>
  [listOf(item.summary), listOf(item.content)]
    .map((parts) => parts.map((part) => textOf(isObject(part) ? part.text : '')).join('\n\n'))
    .filter((text) => text !== '')
    .join('\n\n')

/**
 * An item of reasoning as canonical details; one that carries another vendor's gives them back as they were.
 * @param from the first index that is free
 */
export const detailsOf = (item: Fields, from: number): Fields[] => {
  const sealed = open(item.encrypted_content)
  if (sealed) return sealed.filter(isObject)
  const encrypted = textOf(item.encrypted_content)
  const id = typeof item.id === 'string' && { id: item.id }
  const signed = encrypted !== '' && !isSealed(encrypted)
  const format = signed || !isOurs(item.id) ? family : 'unknown'
  let index = from
  const texts = [
    ...listOf(item.summary).map((part) => ['reasoning.summary', 'summary', part] as const),
    ...listOf(item.content).map((part) => ['reasoning.text', 'text', part] as const),
  ].map(([type, field, part]) => ({
    type,
    [field]: textOf(isObject(part) ? part.text : ''),
    ...id,
    format,
    index: index++,
  }))
  return signed
    ? [...texts, { type: 'reasoning.encrypted', data: encrypted, ...id, format, index: index++ }]
    : texts
}

const ours = /^rs_[0-9a-f]{32}$/

/** Whether the id is one that we gave to another vendor's reasoning. */
export const isOurs = (id: unknown): boolean => typeof id === 'string' && ours.test(id)

/** Whether a provider of this format would refuse the item: another vendor's reasoning, which only travels in it. */
export const isForeign = (item: unknown): boolean =>
  isObject(item) &&
  item.type === 'reasoning' &&
  (isSealed(item.encrypted_content) || (!item.encrypted_content && isOurs(item.id)))

/** What the client has to send back with an item, opaque to it: the vendor's own text, or an envelope of ours. */
export const encryptedOf = (details: readonly Fields[]): string | undefined => {
  const native = details.every(({ format }) => format === family)
  if (native) return details.map(({ data }) => textOf(data)).join('') || undefined
  const worth = details.some(
    ({ type, signature, format }) =>
      type === 'reasoning.encrypted' || signature !== undefined || format !== 'unknown',
  )
  return worth ? seal(details) : undefined
}

/** Canonical details as items, for a provider of this format: its own family's that it can open again. */
export const itemsOfDetails = (details: readonly unknown[]): Fields[] => {
  const groups: Fields[][] = []
  let closed = true
  let last: unknown
  for (const detail of details) {
    if (!isObject(detail) || detail.format !== family) continue
    if (closed || detail.id !== last) groups.push([])
    groups.at(-1)?.push(detail)
    last = detail.id
    closed = detail.type === 'reasoning.encrypted'
  }
  return groups.flatMap((group) => {
    const encrypted_content = encryptedOf(group)
    if (encrypted_content === undefined) return []
    const of = (type: string) => group.filter((detail) => detail.type === type)
    const content = of('reasoning.text').map(({ text }) => ({ type: 'reasoning_text', text }))
    return {
      type: 'reasoning',
      id: group.find(({ id }) => typeof id === 'string')?.id ?? idFor(encrypted_content),
      summary: of('reasoning.summary').map(({ summary }) => ({
        type: 'summary_text',
        text: summary,
      })),
      ...(content.length > 0 && { content }),
      encrypted_content,
    }
  })
}

/** The same for the same text, so that a cached prompt stays the same. */
const idFor = (text: string): string => `rs_${Bun.hash.xxHash64(text).toString(16)}`
