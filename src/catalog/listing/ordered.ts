import type { Model } from '../model.ts'
import { best, createdOf, type Known } from './keeps.ts'
import type { Order } from './orders.ts'

type Measure = (model: Model, known: Known) => number | undefined

const price: Measure = ({ pricing }) =>
  pricing?.prompt === undefined || pricing.completion === undefined
    ? undefined
    : (pricing.prompt + pricing.completion) / 2

/** What each order goes by, and whether the least comes first. */
const measures: Partial<Record<Order, readonly [measure: Measure, rising: boolean]>> = {
  newest: [createdOf, false],
  'pricing-low-to-high': [price, true],
  'pricing-high-to-low': [price, false],
  'context-high-to-low': [({ context_length }) => context_length, false],
  'throughput-high-to-low': [
    (model, { stats }) => best(model, (id) => stats.throughput(id)?.p50, Math.max),
    false,
  ],
  'latency-low-to-high': [
    (model, { stats }) => best(model, (id) => stats.latency(id)?.p50, Math.min),
    true,
  ],
}

/** The models in that order, those of which it is not known at the end; the usual order stays where nothing is known. */
export const ordered = (
  models: readonly Model[],
  order: Order | undefined,
  known: Known,
): readonly Model[] => {
  const [measure, rising] = (order && measures[order]) ?? []
  if (!measure) return models
  const last = rising ? Infinity : -Infinity
  return models
    .map((model) => ({ model, value: measure(model, known) ?? last }))
    .sort((one, other) =>
      one.value === other.value ? 0 : one.value < other.value === rising ? -1 : 1,
    )
    .map(({ model }) => model)
}
