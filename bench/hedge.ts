/**
 * `bun run bench:hedge`: what a second endpoint does for the time to the first content, and what it costs. Providers of
 * which one call in fifty is slow to speak are asked through one daemon with and without `hedge`, in turns, so that both
 * see the same machine: the ratio counts, not the milliseconds.
 */
import { parseArgs } from 'node:util'
import { oneIn, slow, startProvider, usual } from './hedge/provider.ts'
import { Stage } from './processes.ts'
import { percentile } from './stats.ts'

const { values } = parseArgs({ options: { short: { type: 'boolean' } } })

/** Calls of each kind, and how many are in flight at once. */
const calls = values.short ? 500 : 4_000
const clients = 16

/** What must hold: the p99 is so many times lower, and so much more is sent. */
const leastGain = 5
const mostExtra = 0.1

/** Milliseconds: well above what an endpoint usually takes. */
const after = 100

const kinds = ['plain', 'hedged'] as const
type Kind = (typeof kinds)[number]

const configFor = (urls: readonly string[]) => ({
  server: { log: 'silent', discover: false },
  providers: Object.fromEntries(
    urls.map((base_url, at) => [`p${at}`, { base_url, auth: 'none', max_concurrent: 10_000 }]),
  ),
  routes: {
    plain: urls.map((_url, at) => `p${at}/plain`),
    hedged: { endpoints: urls.map((_url, at) => `p${at}/hedged`), hedge: { after: `${after}ms` } },
  },
  plugins: [{ fallback: { hedge_budget: { ratio: mostExtra } } }],
})

const messages = [{ role: 'user', content: 'Count to five.' }]
const spoken = /"content":"[^"]/

/** Milliseconds to the first content of one call. Throws when its answer is not the one that was meant. */
const ask = async (port: number, model: Kind): Promise<number> => {
  const began = performance.now()
  const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages, stream: true }),
  })
  let first: number | undefined
  let text = ''
  const decoder = new TextDecoder()
  for await (const read of response.body ?? []) {
    text += decoder.decode(read, { stream: true })
    if (spoken.test(text)) first ??= performance.now() - began
  }
  if (first === undefined || !text.includes(' five.') || !text.endsWith('data: [DONE]\n\n'))
    throw new Error(`a wrong answer (${response.status}): ${text.slice(0, 200)}`)
  return first
}

const measure = async (port: number, count: number): Promise<Record<Kind, number[]>> => {
  const times: Record<Kind, number[]> = { plain: [], hedged: [] }
  let next = 0
  const client = async () => {
    while (next < count * 2) {
      const kind: Kind = next++ % 2 === 0 ? 'plain' : 'hedged'
      times[kind].push(await ask(port, kind))
    }
  }
  await Promise.all(Array.from({ length: clients }, client))
  for (const kind of kinds) times[kind].sort((one, other) => one - other)
  return times
}

const stage = new Stage()
const providers = [startProvider(), startProvider()]
try {
  const sluice = await stage.sluice(
    `${import.meta.dir}/..`,
    configFor(providers.map(({ url }) => url)),
  )
  const sent = (kind: Kind) => providers.reduce((sum, { callsOf }) => sum + callsOf(kind), 0)
  await measure(sluice.port, oneIn)
  const before = { plain: sent('plain'), hedged: sent('hedged') }
  const times = await measure(sluice.port, calls)
  const of = (kind: Kind, share: number) => percentile(times[kind], share)
  const extraOf = (kind: Kind) => (sent(kind) - before[kind]) / times[kind].length - 1

  console.log(
    `Bun ${Bun.version}, ${calls} calls of each kind, ${clients} at once; providers speak after ${usual} ms, ` +
      `one call in ${oneIn} after ${slow} ms; hedged after ${after} ms\n`,
  )
  console.log('milliseconds to the first content   p50      p90      p99   sent besides')
  for (const kind of kinds) {
    const figures = [0.5, 0.9, 0.99]
      .map((share) => of(kind, share).toFixed(0).padStart(8))
      .join(' ')
    console.log(
      `${kind.padEnd(30)} ${figures} ${`${(extraOf(kind) * 100).toFixed(1)} %`.padStart(14)}`,
    )
  }
  const gain = of('plain', 0.99) / of('hedged', 0.99)
  const extra = extraOf('hedged')
  const holds = gain >= leastGain && extra <= mostExtra && extra > 0
  console.log(
    `\n${holds ? '✓' : '✗'} p99 is ${gain.toFixed(1)} times lower (at least ${leastGain}); ` +
      `${(extra * 100).toFixed(1)} % more is sent (at most ${mostExtra * 100} %)`,
  )
  process.exitCode = holds ? 0 : 1
} finally {
  await stage.close()
  for (const { stop } of providers) void stop()
}
