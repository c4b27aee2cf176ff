import { groups, type Group } from './patterns.ts'

/** Detectors that see through disguises. */
export const evasions = ['disguised_letters', 'typoglycemia', 'encoded', 'spaced'] as const

export type Detector = Group | (typeof evasions)[number]

export const detectors: readonly Detector[] = [...groups, ...evasions]

/** A part of a text that looks like an injection. */
export interface Hit {
  readonly start: number
  readonly end: number
  readonly detector: Detector
}

/** Looks for injections in a text. */
export type Scan = (text: string) => readonly Hit[]
