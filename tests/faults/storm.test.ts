import { expect, setDefaultTimeout, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { chat, startLab, type Answer, type Lab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { text } from '../support/recorded.ts'
import { post, rawClient } from '../support/raw.ts'
import { createRandom } from '../support/random.ts'
import {
  answers,
  errorBody,
  eventLines,
  firstEventError,
  hangUp,
  headOnly,
  html,
  replays,
  reset,
  sendEvents,
  sendJson,
  silent,
  status,
} from '../support/scripts.ts'
import {
  badlyGzipped,
  coalesced,
  dieAfter,
  gzipped,
  slowly,
  splitEvery,
  late,
} from '../support/spoils.ts'
import { until } from '../support/until.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

/** 10,000 is the long form: `SLUICE_STORM=10000 bun test tests/faults/storm.test.ts`. */
const count = Number(process.env.SLUICE_STORM ?? 600)
const seed = Number(process.env.SLUICE_SEED ?? 20261121)
const limit = 60_000 + count * 60
/** Names of the failing providers: a refused key is not used again, so each has many. */
const lanes = Math.max(40, Math.ceil(count / 20))

const story = (name: string): string =>
  Array.from({ length: 12 }, (_, at) => `${name}${at}`).join(' ')

const tell = (name: string): Script => answers(story(name), { id: `chatcmpl-${name}` })

/** The ways of B1 in which a provider fails before content. */
const faults: readonly Script[] = [
  reset(),
  hangUp(),
  silent(),
  headOnly(),
  headOnly({ 'content-type': 'application/json' }),
  status(401, errorBody('bad key', 'invalid_api_key')),
  status(402),
  status(404, errorBody('no such model', 'model_not_found')),
  status(408),
  status(409),
  status(425),
  status(429, errorBody('slow down'), { 'retry-after': '1' }),
  status(429, errorBody('slow down'), { 'retry-after': '-1' }),
  ...[500, 502, 503, 500, 502, 503].map((code) => status(code)),
  status(529),
  html(524),
  html(200),
  (exchange) => sendJson(exchange, 200, { error: { message: 'boom', code: 500 } }),
  firstEventError({ message: 'Overloaded', type: 'overloaded_error', code: 529 }),
  badlyGzipped(tell('x')),
  status(302, 'moved', { location: 'http://127.0.0.1:1/v1/chat/completions' }),
  sendEvents(['data: [DONE]\n\n']),
  replays(text('', { finish: null })),
  (exchange) => sendJson(exchange, 200, { id: 'x', object: 'chat.completion', choices: [] }),
  (exchange) => sendJson(exchange, 200, '{"id":"x","choi'),
  (exchange) => sendEvents(eventLines(exchange, text('x')).slice(0, 1))(exchange),
  dieAfter(1, streamedRole(), 'reset'),
]

function streamedRole(): Script {
  return (exchange) => sendEvents(eventLines(exchange, text('never told')))(exchange)
}

test(
  `${count} requests at two failing providers of three are all answered, and nothing is spliced`,
  async () => {
    const random = createRandom(seed)
    await using lab = await startLab({
      timeouts: { first_byte: '250ms', stall: '250ms' },
      providers: ({ a, b }) =>
        Object.fromEntries(
          Array.from({ length: lanes }, (_, lane) => [
            [
              `a${lane}`,
              {
                dialect: 'openai',
                base_url: a.url,
                api_key: `sk-provider-a${lane}`,
                timeouts: quick,
              },
            ],
            [
              `b${lane}`,
              {
                dialect: 'openai',
                base_url: b.url,
                api_key: `sk-provider-b${lane}`,
                timeouts: quick,
              },
            ],
          ]).flat(),
        ),
      routes: Object.fromEntries(
        Array.from({ length: lanes }, (_, lane) => [
          `m${lane}`,
          [`a${lane}/m`, `b${lane}/m`, 'c/m'],
        ]),
      ),
    })
    const failing =
      (name: string): Script =>
      (exchange) => {
        if (random() < 0.4)
          return random.pick([tell(name), coalesced(tell(name)), gzipped(tell(name))])(exchange)
        return random.pick(faults)(exchange)
      }
    lab.a.always(failing('alpha'))
    lab.b.always(failing('beta'))
    lab.c.always((exchange) =>
      random.pick([tell('gamma'), splitEvery(97, tell('gamma'))])(exchange),
    )

    const wrong: string[] = []
    const served = new Map<string, number>()
    await inParallel(32, count, async (n) => {
      const stream = random() < 0.5
      const answer = await lab.chat({ model: `m${n % lanes}`, stream })
      const teller = ['alpha', 'beta', 'gamma'].find((name) => answer.text === story(name))
      if (teller === undefined || !ofOnePiece(answer, teller)) {
        wrong.push(
          `request ${n} (${stream ? 'streamed' : 'whole'}): ${answer.status} ${answer.raw.slice(0, 600)}`,
        )
      } else served.set(teller, (served.get(teller) ?? 0) + 1)
    })
    expect(wrong).toEqual([])
    expect([...served.keys()].sort()).toEqual(['alpha', 'beta', 'gamma'])
    await expectCalm(lab)
  },
  limit,
)

const quick = { connect: '5s', first_byte: '250ms', stall: '250ms', total: '30s' }

/** All ids, names and usage are of the provider that told the story. */
const ofOnePiece = (answer: Answer, teller: string): boolean => {
  const pieces = answer.stream?.events ?? [answer.json]
  const initial = { alpha: 'a', beta: 'b', gamma: 'c' }[teller] ?? '?'
  const named = pieces.filter((piece) => piece.provider !== undefined)
  return (
    answer.status === 200 &&
    answer.error === undefined &&
    named.length > 0 &&
    named.every((piece) => piece.provider.startsWith(initial)) &&
    pieces.every((piece) => piece.id === `chatcmpl-${teller}`) &&
    answer.usage?.completion_tokens === 12
  )
}

test('two providers that fail four times of five never keep a healthy third from being asked', async () => {
  await using lab = await startLab()
  for (const provider of [lab.a, lab.b]) {
    let asked = 0
    const flapping: Script = (exchange) =>
      (asked++ % 5 === 4 ? tell('flap') : status(500))(exchange)
    provider.always(flapping)
  }
  const wrong: string[] = []
  await inParallel(4, 100, async (n) => {
    const answer = await lab.chat({ stream: n % 2 === 0 })
    if (answer.status !== 200) wrong.push(`request ${n}: ${answer.status} ${answer.error.code}`)
  })
  expect(wrong).toEqual([])
})

test('a provider that is killed while it answers is not noticed by anybody', async () => {
  await using lab = await startLab()
  lab.a.always(late(20, coalesced(tell('alpha'))))
  lab.b.always(tell('beta'))
  const served: string[] = []
  await inParallel(16, 200, async (n) => {
    if (n === 60) await lab.a.stop()
    const answer = await lab.chat({ stream: n % 2 === 0 })
    served.push(answer.error?.code ?? answer.text.split('0')[0])
  })
  expect(new Set(served)).toEqual(new Set(['alpha', 'beta']))
  await expectCalm(lab)
})

test('four hundred streams at once all reach the provider', async () => {
  await using lab = await startLab({ env: {} })
  lab.a.always(silent())
  const { port } = lab.sluice
  const body = JSON.stringify({
    model: 'solo',
    stream: true,
    messages: [{ role: 'user', content: 'hi' }],
  })
  const bytes = post('/v1/chat/completions', [`host: 127.0.0.1:${port}`], body)
  const clients = await Promise.all(Array.from({ length: 400 }, () => rawClient(port, bytes)))
  await until('the provider has them all', () => lab.a.open === 400)
  expect((await fetch(`${lab.sluice.url}/health`)).status).toBe(200)
  for (const { socket } of clients) socket.destroy()
  await expectCalm(lab)
})

test(
  `${count} clients that leave at random do no harm`,
  async () => {
    const random = createRandom(seed + 1)
    await using lab = await startLab()
    const tellings = [
      slowly(2, tell('alpha')),
      slowly(5, tell('alpha')),
      tell('alpha'),
      silent(),
      headOnly(),
    ]
    lab.a.always((exchange) => random.pick(tellings)(exchange))
    const leave = async (n: number): Promise<void> => {
      const wait = Math.floor(random() * 30)
      const stream = random() < 0.7
      const client = new AbortController()
      const request = { model: 'solo', stream, messages: [{ role: 'user', content: `hello ${n}` }] }
      const asking = chat(lab.sluice.v1, request, { signal: client.signal }).catch(() => undefined)
      await Bun.sleep(wait)
      client.abort()
      await asking
    }
    await inParallel(48, Math.ceil(count / 4), leave)
    const before = await residentMegabytes(lab.sluice.pid)
    await inParallel(48, count, leave)
    await expectCalm(lab)
    const growth = (await residentMegabytes(lab.sluice.pid)) - before
    expect(growth).toBeLessThan(150)
  },
  limit,
)

const expectCalm = async (lab: Lab): Promise<void> => {
  for (const provider of [lab.a, lab.b, lab.c]) {
    await until(`provider ${provider.name} has no open request`, () => provider.open === 0)
  }
  expect((await fetch(`${lab.sluice.url}/health`)).status).toBe(200)
  expect(lab.sluice.log().filter((line) => line.level === 'fatal')).toEqual([])
}

const inParallel = async (
  width: number,
  total: number,
  job: (n: number) => Promise<void>,
): Promise<void> => {
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < total) await job(next++)
  }
  await Promise.all(Array.from({ length: width }, worker))
}

/** Of the process and its children; 0 where there is no /proc. */
const residentMegabytes = async (pid: number): Promise<number> => {
  const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(await read('status'))?.[1] ?? 0)
  const children = (await read(`task/${pid}/children`)).split(' ').filter(Boolean)
  const below = await Promise.all(children.map((child) => residentMegabytes(Number(child))))
  return kilobytes / 1024 + below.reduce((sum, one) => sum + one, 0)
}
