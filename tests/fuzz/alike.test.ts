import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { replaysFixture } from '../support/fixtures-replay.ts'
import type { Dialect } from '../support/fixtures.ts'
import { createRandom } from '../support/random.ts'
import { doors, type Door } from './bodies.ts'
import { startDesk, type Desk } from './gateway.ts'
import { mutated } from './mutate.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(3_600_000)

/** Cases in all: `SLUICE_FUZZ=100000 SLUICE_FUZZ_SEED=7` runs long, `SLUICE_FUZZ_CASE` what failed. */
const wanted = Number(process.env.SLUICE_FUZZ ?? 1_200)
const seed = Number(process.env.SLUICE_FUZZ_SEED ?? 20_261)
const only = process.env.SLUICE_FUZZ_CASE

/** One without plugins, one whose plugin hands the request on as a copy. */
let desks: Readonly<Record<'as it is' | 'copied', Desk>>
beforeAll(async () => {
  desks = { 'as it is': await startDesk(), copied: await startDesk(['./plugins/copying.ts']) }
  for (const desk of Object.values(desks)) {
    for (const dialect of Object.values(spoken)) {
      desk.providers[dialect].always(replaysFixture(dialect, 'text'))
    }
  }
})
afterAll(() => Promise.all(Object.values(desks).map((desk) => desk[Symbol.asyncDispose]())))

const spoken: Readonly<Record<string, Dialect>> = {
  messages: 'anthropic',
  responses: 'responses',
  gemini: 'gemini',
}

/** What is said in Google’s other spelling, or to the gateway; and what looks as if it had sealed it. */
const respelled = /"\w*_\w*":|"(model|user)":/
const sealed = 'SluiceSealV1'

/** Words of OpenRouter's about thinking, which no other server of OpenAI's Responses is told. */
const foreign = ['exclude', 'enabled', 'max_tokens']

const hasForeign = ({ reasoning }: any): boolean =>
  typeof reasoning === 'object' && reasoning !== null && foreign.some((word) => word in reasoning)

/** Where two texts part, with what stands around. */
const parting = (one: string, other: string): string => {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return `${at}: wanted …${one.slice(Math.max(0, at - 80), at + 160)}… got …${other.slice(Math.max(0, at - 80), at + 160)}…`
}

/** With the limit that Anthropic demands. */
const limited = (text: string): string =>
  text.includes('"max_tokens":null')
    ? text.replace('"max_tokens":null', '"max_tokens":8192')
    : `${text.slice(0, -1)},"max_tokens":8192}`

const passes = async (
  desk: Desk,
  door: Door,
  dialect: Dialect,
  own: number,
): Promise<string | undefined> => {
  const random = createRandom(own)
  const model = `${dialect}/m`
  const stream = random() < 0.5
  const valid = door.body(random.pick(door.bodies), model, stream)
  const body = random() < 0.05 ? valid : mutated(valid, random)
  const text = JSON.stringify(body)
  const { requests } = desk.providers[dialect]
  const before = requests.length
  const posted = await desk.post(door.path(model, stream), text, door.headers)
  // refused here: another test looks at how
  if (posted.status !== 200 || requests.length === before) return undefined
  const upstream = text.replace(`"model":"${model}"`, '"model":"m"')
  const got = requests[before]!.body
  if (dialect === 'responses' && hasForeign(body)) return undefined
  if (text.includes(sealed) || (dialect === 'gemini' && respelled.test(text))) return undefined
  return got === upstream || got === limited(upstream)
    ? undefined
    : `SLUICE_FUZZ_CASE=${own} ${parting(upstream, got)}`
}

const pairs = doors
  .filter(({ name }) => name in spoken)
  .flatMap((door) =>
    (['as it is', 'copied'] as const).map((way) => [door.name, way, door] as const),
  )

test.each(pairs)(
  'whatever %s takes reaches a provider of its own format as it was written, %s',
  async (name, way, door) => {
    const found: string[] = []
    const cases = only === undefined ? Math.ceil(wanted / pairs.length) : 1
    for (let at = 0; at < cases && found.length < 8; at++) {
      const own = only === undefined ? seed * 1_000_003 + at : Number(only)
      const wrong = await passes(desks[way], door, spoken[name]!, own)
      if (wrong !== undefined) found.push(wrong)
    }
    expect(found).toEqual([])
  },
)
