import { LRUCache } from 'lru-cache'
import { Rolling, type Percentiles } from './rolling.ts'
import { Tally, type Counts } from './tally.ts'

export type { Percentiles }

/** How one attempt went, once it has ended. */
export interface Sample {
  /** Whether it was answered; undefined where it says nothing about the endpoint: a client's mistake, or it left. */
  readonly ok?: boolean
  /** Whether the provider said that we are too fast: no fault of its health. */
  readonly limited?: boolean
  /** Milliseconds to the first content; to all of it where it came whole. */
  readonly first?: number
  /** Whether it came whole: it was not streamed. */
  readonly whole?: boolean
  /** Milliseconds from the first content to the end. */
  readonly speaking?: number
  /** Tokens of the answer; absent where its speed would not be the endpoint's. */
  readonly tokens?: number
  /** Whether the tool calls of the answer were sound; undefined when it made none. */
  readonly tools?: boolean
}

/** What was measured of each endpoint, by `endpointId`; bounded in size and time. It outlives reloads. */
export interface Stats {
  record(endpoint: string, sample: Sample): void
  /**
   * Seconds to the first content, over the last five minutes. Whole answers count, with all their time, only as long as
   * none was streamed, or fewer than `least`, below which there is no answer.
   */
  latency(endpoint: string, least?: number): Percentiles | undefined
  /**
   * Tokens per second, over the last five minutes: from the first content on where an answer was streamed, else over all
   * its time. p90 is what nine of ten answers reach.
   */
  throughput(endpoint: string): Percentiles | undefined
  /**
   * The share of attempts that were answered in so many milliseconds, 0 to 1, without those that were limited; whole
   * minutes, and a day at most.
   */
  uptime(endpoint: string, within: number): number | undefined
  /** Whether it had a significant outage in the last 30 s: something failed, and under 80 % was answered. */
  failing(endpoint: string): boolean
  /** The share of answers with tool calls whose calls were sound, 0 to 1, over the last day. */
  toolSuccess(endpoint: string): number | undefined
}

/** Stats that can list what they know. */
export interface MeasuredStats extends Stats {
  /** Those that were asked lately. */
  endpoints(): readonly string[]
}

const minute = 60_000
const measured = 5 * minute
const mostEndpoints = 2_000
/** Of each kind and endpoint: enough for a p99. */
const mostSamples = 500
/** Milliseconds of speech below which a stream came in one burst, which says nothing about speed. */
const burst = 100

interface Measures {
  readonly streamed: Rolling
  readonly whole: Rolling
  readonly throughput: Rolling
  readonly seconds: Tally
  readonly minutes: Tally
}

const createMeasures = (): Measures => ({
  streamed: new Rolling(measured, mostSamples),
  whole: new Rolling(measured, mostSamples),
  throughput: new Rolling(measured, mostSamples, 'more'),
  seconds: new Tally(1_000, 30),
  minutes: new Tally(minute, 24 * 60 + 1),
})

const share = (good: number, bad: number): number | undefined =>
  good + bad === 0 ? undefined : good / (good + bad)

/** Milliseconds that the tokens took. */
const timeOf = ({ first = 0, speaking = 0 }: Sample): number =>
  speaking >= burst ? speaking : first + speaking

/** @param now milliseconds since some beginning; never goes back */
export const createStats = ({
  now = () => performance.now(),
}: { readonly now?: () => number } = {}): MeasuredStats => {
  const records = new LRUCache<string, Measures>({ max: mostEndpoints })
  const measuresOf = (endpoint: string): Measures => {
    const known = records.get(endpoint)
    if (known) return known
    const fresh = createMeasures()
    records.set(endpoint, fresh)
    return fresh
  }

  return {
    endpoints: () => [...records.keys()],
    record(endpoint, sample) {
      const { ok, limited = false, first, whole = false, tokens = 0, tools } = sample
      const measures = measuresOf(endpoint)
      const { throughput, seconds, minutes } = measures
      const at = now()
      if (first !== undefined) measures[whole ? 'whole' : 'streamed'].add(at, first / 1_000)
      const took = timeOf(sample)
      if (tokens > 0 && took > 0) throughput.add(at, tokens / (took / 1_000))
      const counts: Partial<Counts> = {
        ...(ok !== undefined && !limited && (ok ? { ok: 1 } : { failed: 1 })),
        ...(tools !== undefined && { called: 1, sound: tools ? 1 : 0 }),
      }
      seconds.add(at, counts)
      minutes.add(at, counts)
    },
    latency(endpoint, least = 1) {
      const known = records.get(endpoint)
      if (!known) return undefined
      const at = now()
      return known.streamed.percentiles(at, least) ?? known.whole.percentiles(at, least)
    },
    throughput: (endpoint) => records.get(endpoint)?.throughput.percentiles(now()),
    uptime(endpoint, within) {
      const known = records.get(endpoint)?.minutes.within(now(), within)
      return known && share(known.ok, known.failed)
    },
    failing(endpoint) {
      const known = records.get(endpoint)?.seconds.all(now())
      return known !== undefined && known.failed > 0 && (share(known.ok, known.failed) ?? 1) < 0.8
    },
    toolSuccess(endpoint) {
      const known = records.get(endpoint)?.minutes.all(now())
      return known && share(known.sound, known.called - known.sound)
    },
  }
}
