import { burstEvents, type Shape } from './fixture.ts'
import type { Sample } from './load.ts'
import { targets, type Cell } from './plan.ts'
import { median } from './stats.ts'
import { bare, direct, type Variant } from './variants.ts'

/** The samples of one round in one cell, by variant; a void one is missing. */
export type Round = ReadonlyMap<string, Sample>

interface Unit {
  readonly title: string
  /** What one line of work is: an answer, or an event of a stream. */
  readonly unit: string
  readonly rate: string
  readonly time: string
  count(sample: Sample): number
  perSecond(sample: Sample): number
}

const units: Readonly<Record<Shape, Unit>> = {
  whole: {
    title: 'whole answers',
    unit: 'request',
    rate: 'requests/s',
    time: 'of the answer',
    count: ({ answers }) => answers,
    perSecond: ({ answers, seconds }) => answers / seconds,
  },
  burst: {
    title: `streams, ${burstEvents} events at once`,
    unit: 'event',
    rate: 'streams/s',
    time: 'of the whole stream',
    count: ({ answers }) => answers * burstEvents,
    perSecond: ({ answers, seconds }) => answers / seconds,
  },
  paced: {
    title: 'streams, an event every 5 ms',
    unit: 'event',
    rate: 'events/s',
    time: 'of an event’s way',
    count: ({ events }) => events,
    perSecond: ({ events, seconds }) => events / seconds,
  },
}

export const cpuOf = (shape: Shape, sample: Sample): number =>
  sample.cpu / units[shape].count(sample)

interface Row {
  readonly rate: number
  readonly cpu: number
  readonly p50: number
  readonly added: number
  readonly cpuRatio: number
  readonly rateRatio: number
}

/** Medians over the rounds; what compares two variants is compared within each round. */
const rowOf = (name: string, { shape }: Cell, rounds: readonly Round[]): Row => {
  const { perSecond } = units[shape]
  const over = (value: (sample: Sample) => number) =>
    median(rounds.flatMap((round) => round.get(name) ?? []).map(value))
  const against = (base: string, value: (sample: Sample, base: Sample) => number) =>
    median(
      rounds.flatMap((round) => {
        const sample = round.get(name)
        const held = round.get(base)
        return sample && held ? value(sample, held) : []
      }),
    )
  return {
    rate: over(perSecond),
    cpu: over((sample) => cpuOf(shape, sample)),
    p50: over(({ p50 }) => p50),
    added: against(direct, ({ p50 }, held) => p50 - held.p50),
    cpuRatio: against(bare, (sample, held) => cpuOf(shape, sample) / cpuOf(shape, held)),
    rateRatio: against(bare, (sample, held) => perSecond(sample) / perSecond(held)),
  }
}

const figure = (value: number, digits = 0): string =>
  Number.isFinite(value) ? value.toFixed(digits) : '-'

const columns = [18, 12, 10, 10, 10, 12, 12] as const
const lineOf = (values: readonly string[]): string =>
  values
    .map((value, at) => (at === 0 ? value.padEnd(columns[0]) : value.padStart(columns[at] ?? 0)))
    .join('')

/** The table of one cell, and how many of its targets were missed. */
export const tableOf = (
  cell: Cell,
  variants: readonly Variant[],
  rounds: readonly Round[],
): { readonly text: string; readonly missed: number } => {
  const { title, unit, rate, time } = units[cell.shape]
  const limit = targets[cell.shape]
  let missed = 0
  const lines = variants.map((variant) => {
    const row = rowOf(variant.name, cell, rounds)
    const met = row.cpuRatio <= limit
    if (variant.judged && !met) missed++
    const mark = variant.judged ? `  ${met ? '✓' : '✗'} ≤ ${limit}` : ''
    return (
      lineOf([
        variant.name,
        figure(row.rate),
        figure(row.cpu, row.cpu < 10 ? 2 : 1),
        figure(row.p50),
        variant.name === direct ? '-' : figure(row.added),
        figure(row.cpuRatio, 2),
        variant.name === direct ? '-' : figure(row.rateRatio, 2),
      ]) + mark
    )
  })
  const heading = `${title}, ${cell.clients} at once (CPU µs per ${unit}; p50 µs ${time})`
  const names = lineOf(['', rate, 'CPU µs', 'p50 µs', '+p50 µs', 'CPU × bare', 'rate × bare'])
  return { text: [heading, names, ...lines, ''].join('\n'), missed }
}
