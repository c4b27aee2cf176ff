import type { Percentile } from '../preferences.ts'

export type Percentiles = Readonly<Record<Percentile, number>>

/** How one attempt went, once it has ended. */
export interface Sample {
  /** Whether it was answered; undefined where it says nothing about the endpoint: a client's mistake, or it left. */
  readonly ok?: boolean
  /** Whether the provider said that we are too fast: no fault of its health. */
  readonly limited?: boolean
  /** Milliseconds to the first content. */
  readonly first?: number
  /** Milliseconds from the first content to the end. */
  readonly speaking?: number
  /** Tokens of the answer. */
  readonly tokens?: number
  /** Whether the tool calls of the answer were sound; undefined when it made none. */
  readonly tools?: boolean
}

/** What was measured of each endpoint, by `endpointId`; bounded in size and time. It outlives reloads. */
export interface Stats {
  record(endpoint: string, sample: Sample): void
  /** Seconds to the first content, over the last five minutes. */
  latency(endpoint: string): Percentiles | undefined
  /** Tokens per second, over the last five minutes. */
  throughput(endpoint: string): Percentiles | undefined
  /** The share of attempts that were answered in so many milliseconds, 0 to 1, without those that were limited. */
  uptime(endpoint: string, within: number): number | undefined
  /** Whether it had a significant outage in the last 30 s: something failed, and under 80 % was answered. */
  failing(endpoint: string): boolean
  /** The share of answers with tool calls whose calls were sound, 0 to 1. */
  toolSuccess(endpoint: string): number | undefined
}
export const createStats = (): Stats => ({
  record: () => {},
  latency: () => undefined,
  throughput: () => undefined,
  uptime: () => undefined,
  failing: () => false,
  toolSuccess: () => undefined,
})
