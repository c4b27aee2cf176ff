import type { Cutoff, Sort } from '../../preferences.ts'
import type { Percentiles, Stats } from '../measures/stats.ts'
import type { Target } from '../routes/target.ts'

/** A target with what it is taken to cost for this call, in dollars. */
export interface Priced {
  readonly target: Target
  readonly cost: number | undefined
}

type Measure = (priced: Priced, stats: Stats) => number | undefined

/** Smaller is better; what is not known comes last. */
const measures: Readonly<Record<Sort, Measure>> = {
  price: ({ cost }) => cost,
  latency: ({ target }, stats) => stats.latency(target.id)?.p50,
  throughput: ({ target }, stats) => {
    const known = stats.throughput(target.id)?.p50
    return known === undefined ? undefined : -known
  },
  exacto: ({ target }, stats) => {
    const known = stats.toolSuccess(target.id)
    return known === undefined ? undefined : -known
  },
}

/** In strict order; who is alike stays as listed. */
export const sorted = <P extends Priced>(list: readonly P[], by: Sort, stats: Stats): P[] => {
  const keyed = list.map((priced) => ({ priced, measure: measures[by](priced, stats) ?? Infinity }))
  return keyed
    .sort((one, other) => (one.measure === other.measure ? 0 : one.measure - other.measure))
    .map(({ priced }) => priced)
}

/** One of them by their shares; undefined without any. */
const drawn = <T>(
  list: readonly T[],
  shareOf: (item: T) => number,
  random: number,
): T | undefined => {
  const total = list.reduce((sum, item) => sum + shareOf(item), 0)
  let mark = random * total
  return list.find((item) => (mark -= shareOf(item)) < 0) ?? list.at(-1)
}

/** By weight, 1 for those without. */
export const weighted = <P extends Priced>(list: readonly P[], random: () => number): P[] => {
  let left = [...list]
  const order: P[] = []
  while (left.length > 0) {
    const next = drawn(left, ({ target: { weight = 1 } }) => weight, random())
    if (!next) break
    order.push(next)
    left = left.filter((priced) => priced !== next)
  }
  return order
}

/**
 * OpenRouter's balancing: the first is drawn by the inverse square of what the call costs there, among those without an
 * outage in the last 30 s; the others follow by cost, those with an outage last. Free ones share among themselves, and
 * those without a known price are asked after all that have one.
 */
export const balanced = <P extends Priced>(
  list: readonly P[],
  failing: (target: Target) => boolean,
  random: () => number,
): P[] => {
  const byCost = [...list].sort(
    (one, other) => (one.cost ?? Number.MAX_VALUE) - (other.cost ?? Number.MAX_VALUE),
  )
  const well: P[] = []
  const ill: P[] = []
  for (const one of byCost) (failing(one.target) ? ill : well).push(one)
  const pool = well.length > 0 ? well : ill
  const priced = pool.filter(({ cost }) => cost !== undefined)
  const [cheapest] = priced
  if (!cheapest) return [...well, ...ill]
  const free = priced.filter(({ cost }) => cost === 0)
  const first =
    (free.length > 0
      ? drawn(free, () => 1, random())
      : drawn(priced, ({ cost = 1 }) => 1 / cost ** 2, random())) ?? cheapest
  return [first, ...well.filter((one) => one !== first), ...ill.filter((one) => one !== first)]
}

const misses = (
  cutoff: Cutoff,
  known: Percentiles | undefined,
  isWorse: (value: number, limit: number) => boolean,
): boolean => {
  if (!known) return false
  if (typeof cutoff === 'number') return isWorse(known.p50, cutoff)
  return (['p50', 'p75', 'p90', 'p99'] as const).some((name) => {
    const limit = cutoff[name]
    return limit !== undefined && limit !== null && isWorse(known[name], limit)
  })
}

/** Whether it was measured slower than was asked for. */
export const isSlow = (
  { id }: Target,
  throughput: Cutoff | null | undefined,
  latency: Cutoff | null | undefined,
  stats: Stats,
): boolean =>
  (throughput !== null &&
    throughput !== undefined &&
    misses(throughput, stats.throughput(id), (value, limit) => value < limit)) ||
  (latency !== null &&
    latency !== undefined &&
    misses(latency, stats.latency(id), (value, limit) => value > limit))
