/**
 * Where in a client's Messages request a piece of the canonical one came from, so that the dialect can put together
 * what the surface took apart. Copies made by spreading keep the marks, JSON does not show them, and other dialects
 * need not know of them.
 */

/** On messages that were one message: that message. */
export const turn = Symbol('turn')

/** On a system message: it stood in `system`, not among the messages. */
export const top = Symbol('top')

/** On parts, tool calls and reasoning details: the block's position in its message. */
export const place = Symbol('place')

/** On blocks and tools that are kept as they came, as only Anthropic knows them. */
export const own = Symbol('own')

/** On reasoning details that came out of an envelope: the block that held it. */
export const sealed = Symbol('sealed')

/** On text parts that are the inside of a bigger block: that block. */
export const within = Symbol('within')

/** On a text part: it is no text of its block, but the field of it that is named here. */
export const heading = Symbol('heading')

/** On a text part: citations that a plugin or another vendor's search made, not Anthropic. */
export const cited = Symbol('cited')

/** What is marked, or undefined. */
export const markOf = (marked: object, mark: symbol): unknown => Reflect.get(marked, mark)

/** On a system message: blocks of it that say nothing to a model, each with its place. */
export const unsaid = Symbol('unsaid')

export interface Unsaid {
  readonly at: number
  readonly block: Readonly<Record<string, unknown>>
}

/** A copy that is marked. */
export const marked = <T extends object>(
  object: T,
  marks: Readonly<Record<symbol, unknown>>,
): T => ({
  ...object,
  ...marks,
})
