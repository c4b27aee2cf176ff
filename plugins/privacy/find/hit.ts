/** Something found: from `start` to `end` (UTF-16 offsets) of a text. */
export interface Hit {
  readonly kind: string
  readonly start: number
  readonly end: number
}

/** Takes what a detector finds, in any order and with overlaps. */
export type Add = (kind: string, start: number, end: number) => void

/** Looks through a text in linear time. */
export type Detector = (text: string, add: Add) => void
