import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { dialects, type Dialect } from '../support/fixtures.ts'
import { createRandom } from '../support/random.ts'
import { doors, sideDoors, type Door } from './bodies.ts'
import { startDesk, type Desk } from './gateway.ts'
import { lenient } from './healthy.ts'
import { mutated, written } from './mutate.ts'
import { problemWith, streamed } from './problem.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(3_600_000)

/** Cases in all: `SLUICE_FUZZ=100000 SLUICE_FUZZ_SEED=7` runs long, `SLUICE_FUZZ_CASE` what failed. */
const wanted = Number(process.env.SLUICE_FUZZ ?? 1_200)
const seed = Number(process.env.SLUICE_FUZZ_SEED ?? 20_261)
const only = process.env.SLUICE_FUZZ_CASE

let desk: Desk
beforeAll(async () => {
  desk = await startDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())

/** What is wrong with the answer to one case, if anything; in words that are the same for the same mistake. */
const tried = async (
  door: Door,
  own: number,
  targets: readonly Dialect[],
): Promise<{ readonly kind: string; readonly told: string } | undefined> => {
  const random = createRandom(own)
  const dialect = random.pick(targets)
  // a blocked prompt has no candidates, which passes through to its own clients
  const without = door.name === 'gemini' ? (['prompt_blocked'] as const) : []
  const turn = Math.floor(random() * 1_000)
  desk.providers[dialect].always(lenient(dialect, () => turn, without))
  const stream = door.streams && random() < 0.5
  const valid = door.body(random.pick(door.bodies), `${dialect}/m`, stream)
  const body = written(random() < 0.05 ? valid : mutated(valid, random), random)
  const posted = await desk
    .post(door.path(`${dialect}/m`, stream), body, door.headers)
    .catch((error: Error) => error)
  const faults = desk.faults()
  const problem =
    posted instanceof Error
      ? posted.message
      : (problemWith(door, posted, streamed(posted)) ?? (faults.length > 0 ? 'a fault' : undefined))
  if (problem === undefined) return undefined
  const where = `SLUICE_FUZZ_CASE=${own} ${door.name} → ${dialect}: ${String(body).slice(0, 4_000)}`
  const at = faults[0] ?? problem.split('\n')[0]!.replace(/[a-z]+_[0-9a-f]{32}/g, '')
  return { kind: at, told: [problem, ...faults, where].join('\n') }
}

/** How many different mistakes are told at once. */
const most = 12

const fuzz = async (door: Door, cases: number, targets: readonly Dialect[]): Promise<void> => {
  const found = new Map<string, string>()
  for (let at = 0; at < (only === undefined ? cases : 1) && found.size < most; at++) {
    const own = only === undefined ? seed * 1_000_003 + at : Number(only)
    const wrong = await tried(door, own, targets)
    if (wrong && !found.has(wrong.kind)) found.set(wrong.kind, wrong.told)
  }
  expect([...found.values()].join('\n\n')).toBe('')
  expect(Object.keys(Object.prototype)).toEqual([])
}

const openings = [
  ...doors.map((door) => [door.name, door, dialects] as const),
  ...sideDoors.map((door) => [door.name, door, ['openai'] as const] as const),
]

test.each(openings)(
  'the bodies for %s that all others are made of get answers',
  async (_, door, targets) => {
    for (const dialect of targets) {
      for (const [at, body] of door.bodies.entries()) {
        for (const stream of door.streams ? [false, true] : [false]) {
          desk.providers[dialect].always(lenient(dialect, () => at, ['prompt_blocked']))
          const text = JSON.stringify(door.body(body, `${dialect}/m`, stream))
          const posted = await desk.post(door.path(`${dialect}/m`, stream), text, door.headers)
          const where = `${dialect} ${at} ${stream} ${desk.faults().join(' ')}`
          expect(posted.status, `${posted.text} ${where}`).toBe(200)
          expect(problemWith(door, posted, stream), where).toBeUndefined()
          if (door.streams) expect(streamed(posted), where).toBe(stream)
        }
      }
    }
  },
)

const each = Math.ceil(wanted / (doors.length + sideDoors.length))

test.each(doors.map((door) => [door.name, door] as const))(
  'no body that is posted to %s breaks the gateway, and no error tells it',
  (_, door) => fuzz(door, each, dialects),
)

test.each(sideDoors.map((door) => [door.name, door] as const))(
  'no body that is posted for %s breaks the gateway, and no error tells it',
  (_, door) => fuzz(door, each, ['openai']),
)
