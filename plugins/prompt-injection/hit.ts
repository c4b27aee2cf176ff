import { groups, type Group } from './patterns.ts'

/** Who sees through what is not said openly. */
export const evasions = ['disguised_letters', 'typoglycemia', 'encoded', 'spaced'] as const

export type Detector = Group | (typeof evasions)[number]

export const detectors: readonly Detector[] = [...groups, ...evasions]

/** A part of a text that somebody tries to command with. */
export interface Hit {
  readonly start: number
  readonly end: number
  readonly detector: Detector
}

/** Looks for injections in a text. */
export type Scan = (text: string) => readonly Hit[]
