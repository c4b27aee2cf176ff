import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { dialects, scenarios, type Dialect } from '../support/fixtures.ts'
import { replaysFixture } from '../support/fixtures-replay.ts'
import { valuesOf } from '../support/fixtures-strict.ts'
import { createRandom } from '../support/random.ts'
import { doors, type Door } from './bodies.ts'
import { startDesk, type Desk } from './gateway.ts'
import { problemWithNonsense, streamed } from './problem.ts'
import { spoiled } from './spoil.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(3_600_000)

/** Cases in all: `SLUICE_FUZZ=100000 SLUICE_FUZZ_SEED=7` runs long, `SLUICE_FUZZ_CASE` what failed. */
const wanted = Number(process.env.SLUICE_FUZZ ?? 1_600)
const seed = Number(process.env.SLUICE_FUZZ_SEED ?? 20_261)
const only = process.env.SLUICE_FUZZ_CASE

/** One without plugins, one whose plugin hands every chunk on as a copy. */
let desks: Readonly<Record<'as it is' | 'copied', Desk>>
beforeAll(async () => {
  desks = { 'as it is': await startDesk(), copied: await startDesk(['./plugins/copying.ts']) }
})
afterAll(() => Promise.all(Object.values(desks).map((desk) => desk[Symbol.asyncDispose]())))

const alike: Readonly<Record<Dialect, string>> = {
  openai: 'chat',
  anthropic: 'messages',
  gemini: 'gemini',
  responses: 'responses',
}

/** What is wrong with the answer to one case, if anything; in words that are the same for the same mistake. */
const tried = async (
  desk: Desk,
  door: Door,
  dialect: Dialect,
  own: number,
): Promise<{ readonly kind: string; readonly told: string } | undefined> => {
  const random = createRandom(own)
  const stream = random() < 0.7
  // the readers know no custom tools
  const scenario = random.pick(scenarios[dialect].filter((name) => name !== 'custom_tool'))
  const model = `${dialect}/m`
  desk.providers[dialect].always(spoiled(dialect, scenario, random))
  const body = JSON.stringify(door.body(door.bodies[0]!, model, stream))
  const posted = await desk
    .post(door.path(model, stream), body, door.headers)
    .catch((error: Error) => error)
  const faults = desk.faults()
  const isAlike = alike[dialect] === door.name
  const problem =
    posted instanceof Error
      ? posted.message
      : (problemWithNonsense(door, posted, streamed(posted), isAlike) ??
        (faults.length > 0 ? 'a fault' : undefined))
  if (problem === undefined) return undefined
  const sent = desk.providers[dialect].requests.at(-1)?.sent.slice(0, 2_000)
  const where = `SLUICE_FUZZ_CASE=${own} ${door.name} ← ${dialect} ${scenario}: ${sent}`
  const kind = faults[0] ?? problem.split('\n')[0]!.replace(/[a-z]+[_-][0-9a-f]{32}/g, '')
  return { kind, told: [problem, ...faults, where].join('\n') }
}

/** How many different mistakes are told at once. */
const most = 12

const talking = doors.filter(({ reader }) => reader)
const pairs = talking.flatMap((door) =>
  dialects.flatMap((dialect) =>
    (['as it is', 'copied'] as const).map((way) => [door.name, dialect, way, door] as const),
  ),
)
const each = Math.ceil(wanted / pairs.length)

test.each(pairs)(
  'whatever comes from a provider, %s ← %s has an end of its own, %s',
  async (_name, dialect, way, door) => {
    const found = new Map<string, string>()
    for (let at = 0; at < (only === undefined ? each : 1) && found.size < most; at++) {
      const own = only === undefined ? seed * 1_000_003 + at : Number(only)
      const wrong = await tried(desks[way], door, dialect, own)
      if (wrong && !found.has(wrong.kind)) found.set(wrong.kind, wrong.told)
    }
    expect([...found.values()].join('\n\n')).toBe('')
  },
)

const exact = talking.flatMap((door) =>
  dialects.map((dialect) => [door.name, dialect, door] as const),
)

test.each(exact)(
  'copied chunks say to %s what those from %s themselves say',
  async (_name, dialect, door) => {
    for (const scenario of scenarios[dialect]) {
      for (const stream of [false, true]) {
        const ask = async (desk: Desk) => {
          desk.providers[dialect].always(replaysFixture(dialect, scenario))
          const model = `${dialect}/m`
          const body = JSON.stringify(door.body(door.bodies[0]!, model, stream))
          const posted = await desk.post(door.path(model, stream), body, door.headers)
          expect(posted.status, `${scenario} ${posted.text} ${desk.faults().join(' ')}`).toBe(200)
          const seen = door.reader!.read(posted, stream)
          const { text, reasoning, calls, finish, usage, citations, replay, mistakes } = seen
          // what a server's own tool found has no canonical word, and a copy keeps no words
          const fields = ['signature', 'data', 'thoughtSignature']
          const more = door.name === 'responses' ? ['encrypted_content'] : []
          const seals = [...fields, ...more].flatMap((field) => valuesOf(replay, field))
          return { mistakes, said: { text, reasoning, calls, finish, usage, citations, seals } }
        }
        const plain = await ask(desks['as it is'])
        const copied = await ask(desks.copied)
        // the readers know no custom tools, and a blocked prompt has no candidates
        const known = scenario !== 'custom_tool' && scenario !== 'prompt_blocked'
        if (known) expect(copied.mistakes, scenario).toEqual([])
        expect(copied.said, `${scenario} ${stream}`).toEqual(plain.said)
      }
    }
  },
)
