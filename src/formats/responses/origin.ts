import type { Fields } from '../../fields.ts'
import type { Chunk } from '../../chat.ts'

/** One of the items that a canonical message was made of, in their order. */
export type Slot =
  | {
      readonly kind: 'message'
      readonly item: Fields
      /** How many of the message's parts are its; its content was a string without. */
      readonly parts?: number
    }
  | { readonly kind: 'call'; readonly item: Fields }
  | { readonly kind: 'output'; readonly item: Fields }
  | { readonly kind: 'reasoning'; readonly item: Fields }
  | { readonly kind: 'opaque'; readonly item: Fields }

const slots = Symbol('items')
const raw = Symbol('as it came')
const items = Symbol('all items')

const withMark = <T extends object>(object: T, mark: symbol, value: unknown): T => ({
  ...object,
  [mark]: value,
})

/** The message, which knows its items; a copy made by spreading does too. */
export const withSlots = <T extends object>(message: T, of: readonly Slot[]): T =>
  withMark(message, slots, of)

export const slotsOf = (message: object): readonly Slot[] | undefined =>
  Reflect.get(message, slots) as readonly Slot[] | undefined

/** The part, tool or message, which knows what the client wrote for it. */
export const withRaw = <T extends object>(object: T, of: Fields): T => withMark(object, raw, of)

export const rawOf = (object: object): Fields | undefined =>
  Reflect.get(object, raw) as Fields | undefined

/** The request, whose input is more than its body's: kept history and references were put in. */
export const withItems = <T extends object>(request: T, of: readonly unknown[]): T =>
  withMark(request, items, of)

export const itemsOf = (request: object): readonly unknown[] | undefined =>
  Reflect.get(request, items) as readonly unknown[] | undefined

const natives = new WeakMap<Chunk, Fields>()

/** The chunk, which knows the event or body that it was read from; a copy of it will not. */
export const withNative = <C extends Chunk>(chunk: C, event: Fields): C => {
  natives.set(chunk, event)
  return chunk
}

export const nativeOf = (chunk: Chunk): Fields | undefined => natives.get(chunk)
