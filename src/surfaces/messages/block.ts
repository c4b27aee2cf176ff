import type { Delta, ToolCall } from '../../chat.ts'
import type { Fields } from '../../fields.ts'
import type { Running } from '../../server-call.ts'
import type { Piece } from './thoughts.ts'
import type { Tool } from './tool-calls.ts'

/** The block that is being written; a provider's own, of which not all is known, is `native`. */
export interface Open {
  readonly kind: 'text' | 'thinking' | 'tool' | 'other'
  readonly index: number
  readonly native?: true
  readonly tool?: Tool
  /** Of a thought: which detail it tells, what it told so far, and what of it only an envelope can carry. */
  detail?: unknown
  told?: string
  held?: readonly Piece[]
  signed?: boolean
}

/** What waits to be written. */
export type Segment =
  | { readonly kind: 'text'; text: string }
  | { readonly kind: 'thought'; readonly piece: Piece }
  | { readonly kind: 'tool'; readonly tool: Tool }
  | { readonly kind: 'cite'; readonly citation: Fields }
  | { readonly kind: 'whole'; readonly block: Fields }

/** The content blocks of one message, one after the other, out of pieces that come in any order. */
export interface Blocks {
  /** The block that is open now. */
  open: Open | undefined
  /** The index of the next block. */
  next: number
  /** Whether something still waits for its turn. */
  readonly waiting: boolean
  /** Whether the open block cannot be left: more of its call's input is to come. */
  readonly busy: boolean
  say(text: string): void
  add(delta: Delta): void
  /** A tool begins to run here. */
  run(tool: Running): void
  /** Closes the open block and writes what waited. */
  settle(): void
  /** The provider closed its block by itself. */
  closed(): void
  /** The provider closed its block, which stays open here for what is still to come of it. */
  loosen(): void
  /** A call, or a piece of it, that the provider's own open block tells by itself. */
  adopt(call: ToolCall): Tool
}
