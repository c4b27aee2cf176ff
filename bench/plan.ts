import type { Shape } from './fixture.ts'

/** One row group of the table: what is asked, by how many clients at once. */
export interface Cell {
  readonly shape: Shape
  readonly clients: number
}

export interface Plan {
  readonly cells: readonly Cell[]
  /** At most; every other one runs its variants backwards. */
  readonly rounds: number
  /** Milliseconds before a sample counts, and that it counts. */
  readonly warm: number
  readonly window: number
  /** Milliseconds of load that each gateway gets before anything is measured, for each shape. */
  readonly prime: number
  /** Milliseconds after which nothing new is begun. */
  readonly budget: number
}

const cellsOf = (shape: Shape, counts: readonly number[]): Cell[] =>
  counts.map((clients) => ({ shape, clients }))

export const fullPlan: Plan = {
  cells: [
    ...cellsOf('whole', [1, 16, 64, 256]),
    ...cellsOf('burst', [1, 16, 64, 256]),
    ...cellsOf('paced', [64]),
  ],
  rounds: 6,
  warm: 200,
  window: 600,
  prime: 3_000,
  budget: 210_000,
}

export const shortPlan: Plan = {
  cells: [...cellsOf('whole', [1, 64]), ...cellsOf('burst', [16]), ...cellsOf('paced', [64])],
  rounds: 2,
  warm: 100,
  window: 250,
  prime: 1_200,
  budget: 27_000,
}

/** The most CPU that Sluice may use, as a multiple of the bare forwarder's. */
export const targets: Readonly<Record<Shape, number>> = { whole: 2, burst: 2, paced: 2 }

/** Processors that others may keep busy during a sample before it is taken again. */
export const foreignLimit = 0.15
/** Times that a doubtful sample is taken again, and the share of all samples that may be. */
export const repeats = { times: 2, share: 0.25 } as const

/** The plugins that a full set-up runs, outermost first, but for a cache: it would answer by itself. */
export const plugins = [
  { auth: { keys: { bench: { key: 'sk-bench' } } } },
  { limits: { characters: 1_000_000 } },
  'file-parser',
  { moderation: { words: ['forbidden'] } },
  'cache',
  { 'system-prompt': { append: 'Be brief.' } },
  'reasoning',
  'online',
  'web-fetch',
  'datetime',
  'context-compression',
  'privacy',
  'response-healing',
  'resume',
  'fallback',
] as const
