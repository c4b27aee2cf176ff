import { isObject, listOf, type Fields } from '../../fields.ts'
import { createHash } from 'node:crypto'
import { GatewayError } from '../../errors.ts'
import { presentedKey } from '../../presented.ts'
import type { Place } from '../surface.ts'
import { wordOf } from '../../formats/unchecked.ts'

/** What is kept of one answer: the response as the client got it, and everything that went into it. */
interface Kept {
  readonly response: Fields
  readonly input: readonly unknown[]
}

/** Whose memory it is: answers are found by who presents the same credential, and by nobody else. */
export const ownerOf = ({ headers }: Pick<Place, 'headers'>): string =>
  `responses/${createHash('sha256')
    .update(presentedKey(headers) ?? '')
    .digest('hex')}`

type Room = Pick<Place, 'headers' | 'memory'>

export const recall = ({ headers, memory }: Room, id: string): Kept | undefined =>
  memory.get(ownerOf({ headers }), id) as Kept | undefined

const itemKey = (id: string): string => `item/${id}`

/** An answer's item by its id. */
export const recallItem = ({ headers, memory }: Room, id: string): Fields | undefined =>
  (memory.get(ownerOf({ headers }), itemKey(id)) as { item?: Fields } | undefined)?.item

/** Keeps an answer and, for references, its items. */
export const remember = (room: Room, response: Fields, input: readonly unknown[]): void => {
  const owner = ownerOf(room)
  if (typeof response.id !== 'string') return
  room.memory.set(owner, response.id, { response, input } satisfies Kept)
  for (const item of listOf(response.output))
    if (isObject(item) && typeof item.id === 'string')
      room.memory.set(owner, itemKey(item.id), { item })
}

/** Forgets an answer and its items; false when there was none. */
export const forget = (room: Room, id: string): boolean => {
  const owner = ownerOf(room)
  for (const item of listOf(recall(room, id)?.response.output))
    if (isObject(item)) room.memory.delete(owner, itemKey(wordOf(item.id)))
  return room.memory.delete(owner, id)
}

/** Input as items; a string is what a user says. */
export const inputItems = (input: unknown): readonly unknown[] =>
  typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : listOf(input)

const missing = (param: string, message: string, wireCode: string) =>
  new GatewayError('invalid_request_error', { param, message, wireCode })

/** Our own ids; those of providers are longer. */
const ours = /^resp_[0-9a-f]{32}$/

export interface Expanded {
  /** All of the input, where it is more than the body's own. */
  readonly items?: readonly unknown[]
  /** The field that only the provider which answered before can understand. */
  readonly need?: string
}

const isReference = (item: unknown): item is Fields & { readonly id: string } =>
  isObject(item) &&
  typeof item.id === 'string' &&
  (item.type === 'item_reference' || (item.type === undefined && item.role === undefined))

/**
 * The input with the answers that it follows and refers to in it.
 * @throws GatewayError `previous_response_not_found` for an id of ours that is not kept, any longer or for this client
 */
export const expand = (body: Fields, room: Room): Expanded => {
  const { input, previous_response_id: previous } = body
  const own = inputItems(input)
  let need: string | undefined
  let before: readonly unknown[] | undefined
  if (typeof previous === 'string') {
    const kept = recall(room, previous)
    if (kept) before = [...kept.input, ...listOf(kept.response.output)]
    else if (ours.test(previous))
      throw missing(
        'previous_response_id',
        'No response with that id is kept here for this key: it may have been too long ago.',
        'previous_response_not_found',
      )
    else need = 'previous_response_id'
  }
  let found = false
  const resolved = own.map((item) => {
    if (!isReference(item)) return item
    const known = recallItem(room, item.id)
    if (known) found = true
    else need ??= 'input'
    return known ?? item
  })
  return {
    ...((before || found) && { items: [...(before ?? []), ...resolved] }),
    ...(need !== undefined && { need }),
  }
}

/** A page of what went into a response, newest first unless asked otherwise; each item has an id. */
export const inputPage = (
  response: string,
  input: readonly unknown[],
  query: URLSearchParams,
): Fields => {
  const items = input.filter(isObject).map((item, at): Fields => ({
    id: `${response}_${at}`,
    ...(item.type === undefined && { type: 'message' }),
    ...item,
    ...(typeof item.content === 'string' && {
      content: [
        { type: item.role === 'assistant' ? 'output_text' : 'input_text', text: item.content },
      ],
    }),
  }))
  if (query.get('order') !== 'asc') items.reverse()
  const after = items.findIndex(({ id }) => id === query.get('after'))
  const limit = Math.min(100, Math.max(1, Number(query.get('limit') ?? 20) || 20))
  const rest = items.slice(after + 1)
  const data = rest.slice(0, limit)
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    has_more: rest.length > limit,
  }
}
