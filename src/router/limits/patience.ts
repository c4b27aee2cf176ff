import { key } from '../../pipeline.ts'

/** Milliseconds that the next attempt of a call may wait in line for its provider; with 0, a full one fails at once. */
export const patience = key<number>('patience', () => 0)

/** Milliseconds that a call may wait where nothing else is said. */
export const usualPatience = 30_000

/** Where a call stands in line. */
export interface Standing {
  /** From 1. */
  readonly position: number
  /** Milliseconds that it will probably still wait; absent where nobody can know. */
  readonly about?: number
}

/** Where the call stands in line now, while it waits in one. */
export const standing = key<(() => Standing | undefined) | undefined>('standing', () => undefined)

/** `queue position 3, about 12 s` */
export const inWords = ({ position, about }: Standing): string =>
  `queue position ${position}${about === undefined ? '' : `, about ${Math.max(1, Math.ceil(about / 1_000))} s`}`
