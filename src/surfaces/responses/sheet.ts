import type { Fields } from '../../fields.ts'
import type { Pen } from './pen.ts'

/** The answer's items as they are being written, in their order. */
export interface Sheet {
  readonly pen: Pen
  readonly output: (Fields | undefined)[]
  /** A new item's id: `msg_` and the like with 128 bits that nobody can guess. */
  id(prefix: string): string
  /** The provider's own id for an item, if no other item has it. */
  idAsGiven(id: unknown): string | undefined
  /** Begins an item at the next place. */
  begin(item: Fields): number
  /** Ends the item at that place. */
  finish(index: number, item: Fields): void
  /** Ends it without a word: the provider did. */
  put(index: number, item: Fields | undefined): void
}

/** @param base 30 hexadecimal digits */
export const createSheet = (pen: Pen, base: string): Sheet => {
  const output: (Fields | undefined)[] = []
  let ids = 0
  const given = new Set<string>()
  return {
    pen,
    output,
    id: (prefix) => `${prefix}_${base}${(ids++ % 256).toString(16).padStart(2, '0')}`,
    idAsGiven(id) {
      if (typeof id !== 'string' || given.has(id)) return undefined
      given.add(id)
      return id
    },
    begin(item) {
      const index = output.length
      output.push(undefined)
      pen.say('response.output_item.added', { output_index: index, item })
      return index
    },
    finish(index, item) {
      output[index] = item
      pen.say('response.output_item.done', { output_index: index, item })
    },
    put(index, item) {
      output[index] = item
    },
  }
}

export const randomBase = (): string =>
  Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')

/** How an item ended. */
export type ItemStatus = 'completed' | 'incomplete'
