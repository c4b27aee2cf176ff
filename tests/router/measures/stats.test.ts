import { expect, test } from 'bun:test'
import { createStats, type Percentiles, type Sample } from '../../../src/router/measures/stats.ts'
import { createRandom } from '../../support/random.ts'

const box = 'box/echo'
const minute = 60_000

const setUp = () => {
  let at = 7_000_000
  const stats = createStats({ now: () => at })
  return {
    stats,
    after: (ms: number) => void (at += ms),
    now: () => at,
    records: (times: number, sample: Sample, endpoint = box) => {
      for (let n = 0; n < times; n++) stats.record(endpoint, sample)
    },
  }
}

test('of an endpoint that nobody asked nothing is known', () => {
  const { stats } = setUp()
  expect(stats.latency(box)).toBeUndefined()
  expect(stats.throughput(box)).toBeUndefined()
  expect(stats.uptime(box, minute)).toBeUndefined()
  expect(stats.failing(box)).toBe(false)
  expect(stats.toolSuccess(box)).toBeUndefined()
})

test('latency is seconds to the first content, and its percentiles were measured', () => {
  const { stats, records } = setUp()
  for (const first of [400, 100, 300, 200]) records(1, { ok: true, first, speaking: 500 })
  expect(stats.latency(box)).toEqual({ p50: 0.2, p75: 0.3, p90: 0.4, p95: 0.4, p99: 0.4 })
})

test('throughput is tokens per second of speech', () => {
  const { stats, records } = setUp()
  records(1, { ok: true, first: 9_000, speaking: 2_000, tokens: 100 })
  expect(stats.throughput(box)?.p50).toBe(50)
})

test('an answer that came whole or in one burst is as fast as all its time', () => {
  const { stats, records } = setUp()
  records(1, { ok: true, whole: true, first: 4_000, tokens: 100 })
  records(1, { ok: true, first: 3_950, speaking: 50, tokens: 100 }, 'box/burst')
  expect(stats.throughput(box)?.p50).toBe(25)
  expect(stats.throughput('box/burst')?.p50).toBe(25)
})

test('the time of whole answers is no latency once one was streamed', () => {
  const { stats, records, after } = setUp()
  records(3, { ok: true, whole: true, first: 8_000 })
  expect(stats.latency(box)?.p50).toBe(8)
  records(1, { ok: true, first: 300, speaking: 500 })
  expect(stats.latency(box)).toMatchObject({ p50: 0.3, p99: 0.3 })
  after(4 * minute)
  records(1, { ok: true, whole: true, first: 9_000 })
  after(minute)
  expect(stats.latency(box)?.p50).toBe(9)
})

test('what is older than five minutes is forgotten', () => {
  const { stats, records, after } = setUp()
  records(1, { ok: true, first: 100, speaking: 1_000, tokens: 10 })
  after(5 * minute - 1)
  expect(stats.latency(box)?.p50).toBe(0.1)
  expect(stats.throughput(box)?.p50).toBe(10)
  after(1)
  expect(stats.latency(box)).toBeUndefined()
  expect(stats.throughput(box)).toBeUndefined()
})

test('percentiles and shares equal those of a plain reference', () => {
  const { stats, after, now } = setUp()
  const next = createRandom(11)
  const kept: { at: number; sample: Sample }[] = []
  const rank = (values: number[], better = 1): Percentiles | undefined => {
    const sorted = values.sort((one, other) => better * (one - other))
    const of = (share: number) => sorted[Math.ceil(share * sorted.length) - 1]!
    return sorted.length === 0
      ? undefined
      : { p50: of(0.5), p75: of(0.75), p90: of(0.9), p95: of(0.95), p99: of(0.99) }
  }
  for (let step = 0; step < 4_000; step++) {
    after(next() < 0.01 ? 200_000 : Math.floor(next() * 1_500))
    const sample: Sample = {
      ok: next() < 0.9,
      first: Math.floor(next() * 50) * 10,
      speaking: 100 + Math.floor(next() * 1_000),
      tokens: 1 + Math.floor(next() * 500),
    }
    kept.push({ at: now(), sample })
    stats.record(box, sample)
    if (next() < 0.3) after(Math.floor(next() * 100_000))
    const recent = kept.filter(({ at }) => now() - at < 5 * minute).slice(-500)
    expect(stats.latency(box)).toEqual(rank(recent.map(({ sample }) => sample.first! / 1_000))!)
    expect(stats.throughput(box)).toEqual(
      rank(
        recent.map(({ sample }) => sample.tokens! / (sample.speaking! / 1_000)),
        -1,
      )!,
    )
    const last = kept.filter(({ at }) => Math.floor(at / 1_000) > Math.floor(now() / 1_000) - 30)
    const answered = last.filter(({ sample }) => sample.ok).length
    expect(stats.failing(box)).toBe(answered < last.length && answered / last.length < 0.8)
    const since = Math.floor(now() / minute) - 30
    const half = kept.filter(({ at }) => Math.floor(at / minute) >= since)
    const share = half.filter(({ sample }) => sample.ok).length / half.length
    expect(stats.uptime(box, 30 * minute)).toBe(half.length === 0 ? undefined : share)
  }
})

test('uptime is the share of attempts that were answered, in each window', () => {
  const { stats, records, after } = setUp()
  records(1, { ok: false })
  after(40 * minute)
  records(1, { ok: false })
  records(1, { ok: true })
  after(10 * minute)
  records(8, { ok: true })
  expect(stats.uptime(box, 5 * minute)).toBe(1)
  expect(stats.uptime(box, 30 * minute)).toBe(0.9)
  expect(stats.uptime(box, 24 * 60 * minute)).toBe(9 / 11)
  after((24 * 60 + 1) * minute)
  expect(stats.uptime(box, 24 * 60 * minute)).toBeUndefined()
})

test('rate limits and what says nothing are neither up nor down', () => {
  const { stats, records } = setUp()
  records(20, { limited: true })
  records(20, { limited: true, ok: false })
  records(20, {})
  expect(stats.uptime(box, minute)).toBeUndefined()
  expect(stats.failing(box)).toBe(false)
})

test('an endpoint fails when something failed in the last 30 s and under 80 % was answered', () => {
  const { stats, records, after } = setUp()
  records(4, { ok: true })
  records(1, { ok: false })
  expect(stats.failing(box)).toBe(false)
  records(1, { ok: false })
  expect(stats.failing(box)).toBe(true)
  after(29_000)
  expect(stats.failing(box)).toBe(true)
  after(1_000)
  expect(stats.failing(box)).toBe(false)
})

test('tool calls are counted where there were any', () => {
  const { stats, records } = setUp()
  records(1, { ok: true })
  expect(stats.toolSuccess(box)).toBeUndefined()
  records(3, { ok: true, tools: true })
  records(1, { ok: true, tools: false })
  expect(stats.toolSuccess(box)).toBe(0.75)
})

test('each endpoint is measured by itself, and only so many are', () => {
  const { stats, records } = setUp()
  records(1, { ok: true, first: 100, speaking: 500 })
  expect(stats.latency('box/other')).toBeUndefined()
  for (let n = 0; n < 2_000; n++) records(1, { ok: true, first: 100 }, `box/${n}`)
  expect(stats.latency(box)).toBeUndefined()
})

test('who wants enough samples is told nothing below that', () => {
  const { stats, records } = setUp()
  records(19, { ok: true, first: 100, speaking: 500 })
  expect([stats.latency(box, 20), stats.latency(box, 19)?.p50]).toEqual([undefined, 0.1])
  records(20, { ok: true, whole: true, first: 900 })
  expect(stats.latency(box, 20)?.p50).toBe(0.9)
})
