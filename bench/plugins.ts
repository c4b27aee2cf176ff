/**
 * `bun run bench:plugins`: what each built-in plugin adds to a call, in microseconds, at a provider that answers at once:
 * for a whole answer to a prompt of 1 KB and of 100 KB, and for each chunk of a stream. Figures are of one machine: hold
 * them against "parse", which is what `JSON.parse` and `JSON.stringify` of the same request cost beside them.
 */
import { parseArgs } from 'node:util'
import { fakeCall, mount } from 'sluice/testing'
import type { Call, Chunk, Delta, Handler } from '../src/chat.ts'
import { answer, answerWith, batchesOf, textBatch, type Batch } from '../src/stream.ts'
import { median } from './stats.ts'

const { values } = parseArgs({ options: { short: { type: 'boolean' }, only: { type: 'string' } } })
const budget = values.short ? 20 : 250
const rounds = values.short ? 3 : 7
const chunks = 200

const prose =
  'The quarterly report says that 12 of the 48 sites were moved to the new region in March, and that the rest follow.\n'
const code =
  'export const sum = (list: readonly number[]): number => list.reduce((all, one) => all + one, 0) // e.g. v1.22.3\n'
const promptOf = (size: number): string => (prose + code).repeat(size).slice(0, size)
/** The same with something in it that is private. */
const privateOf = (size: number): string =>
  `Write to jane.roe@acme-corp.com or +49 30 901820.\n${promptOf(size)}`.slice(0, size)

const usage = { prompt_tokens: 300, completion_tokens: chunks, total_tokens: 300 + chunks }
const head = { id: 'chatcmpl-1', created: 1, model: 'm', object: 'chat.completion' }
const words = 'Most of them were moved in the course of the spring; ten remain. '

const whole: Chunk = {
  ...head,
  choices: [
    {
      index: 0,
      delta: { role: 'assistant', content: words.repeat(8) },
      finish_reason: 'stop',
    },
  ],
  usage,
}

async function* streamed(): AsyncGenerator<Batch> {
  const said = (delta: Delta, finish_reason: string | null = null): Chunk => ({
    ...head,
    choices: [{ index: 0, delta, finish_reason }],
  })
  yield { chunks: [said({ role: 'assistant', content: '' })] }
  for (let at = 0; at < chunks; at++) {
    const text = words.slice((at * 5) % 60, ((at * 5) % 60) + 5)
    yield textBatch(text, () => [said({ content: text })])
  }
  yield { chunks: [said({}, 'stop'), { ...head, choices: [], usage }] }
}

const provider: Handler = (call) =>
  call.request.stream === true ? answer(streamed()) : answerWith(whole)

/** Reads as the server does: what nobody looked at is not parsed. */
const drain = async (handler: Handler, call: Call): Promise<void> => {
  const batches = batchesOf(handler(call))
  for (;;) {
    const { done, value } = await batches.next()
    if (done) return
    if (value.plain === undefined && value.chunks.length === 0) return
  }
}

/** Microseconds of one call, the median of several rounds. */
const timeOf = async (handler: Handler, makeCall: () => Call): Promise<number> => {
  const run = async (ms: number): Promise<number> => {
    const began = performance.now()
    let calls = 0
    let end = began
    do {
      await drain(handler, makeCall())
      calls++
      end = performance.now()
    } while (end - began < ms)
    return ((end - began) * 1_000) / calls
  }
  await run(budget)
  const times: number[] = []
  for (let round = 0; round < rounds; round++) times.push(await run(budget / 2))
  return median(times)
}

interface Row {
  readonly name: string
  readonly plugin?: string
  readonly options?: object
  /** What the request asks for besides its prompt. */
  readonly asks?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly prompt?: (size: number) => string
}

const rows: readonly Row[] = [
  { name: 'none' },
  { name: 'auth', options: { keys: { bench: { key: 'sk-bench' } } } },
  { name: 'limits', options: { characters: 1_000_000 } },
  { name: 'prompt-injection', options: {} },
  {
    name: 'moderation, words',
    plugin: 'moderation',
    options: { words: ['forbidden', 'secret plan'] },
  },
  { name: 'privacy, nothing found', plugin: 'privacy', options: {} },
  { name: 'privacy, masks', plugin: 'privacy', options: {}, prompt: privateOf },
  { name: 'cache, not asked', plugin: 'cache', options: {} },
  {
    name: 'cache, hit',
    plugin: 'cache',
    options: { mode: 'on' },
  },
  { name: 'system-prompt', options: { append: 'Be brief.' } },
  { name: 'reasoning', options: {} },
  { name: 'online, not asked', plugin: 'online', options: {} },
  { name: 'datetime, not asked', plugin: 'datetime', options: {} },
  { name: 'web-fetch, not asked', plugin: 'web-fetch', options: {} },
  { name: 'file-parser, no file', plugin: 'file-parser', options: {} },
  { name: 'context-compression', options: {} },
  { name: 'response-healing, not asked', plugin: 'response-healing', options: {} },
  {
    name: 'response-healing, asked',
    plugin: 'response-healing',
    options: {},
    asks: { response_format: { type: 'json_object' } },
  },
  { name: 'resume', options: {} },
  { name: 'fallback', options: {} },
]

const keyed = new Headers({ authorization: 'Bearer sk-bench' })

const handlerOf = async (
  { name, plugin = name, options }: Row,
  around: Handler,
): Promise<Handler> => {
  if (options === undefined) return around
  const { default: definition } = await import(`../plugins/${plugin}.ts`)
  return mount(definition, options, around)
}

const callOf = (row: Row, size: number, stream: boolean): (() => Call) => {
  const content = (row.prompt ?? promptOf)(size)
  const request = { messages: [{ role: 'user', content }], stream, ...row.asks }
  return () => fakeCall(request, { headers: keyed })
}

const figure = (value: number): string => value.toFixed(value < 10 ? 2 : 0).padStart(10)

const main = async (): Promise<number> => {
  console.log(`Bun ${Bun.version}; µs that each plugin adds, medians of ${rounds}\n`)
  console.log(
    `${''.padEnd(30)}${['1 KB', '100 KB', 'a chunk'].map((head) => head.padStart(10)).join('')}`,
  )
  const small = 1_024
  const large = 102_400
  let base: readonly number[] = [0, 0, 0]
  const measured = async (name: string, handler: Handler, row: Row): Promise<void> => {
    const short = await timeOf(handler, callOf(row, small, false))
    const long = await timeOf(handler, callOf(row, large, false))
    const stream = await timeOf(handler, callOf(row, small, true))
    const figures = [short, long, (stream - short) / chunks]
    if (name === 'none') base = figures
    const added = figures.map((value, at) => (name === 'none' ? value : value - (base[at] ?? 0)))
    console.log(name.padEnd(30) + added.map(figure).join(''))
  }
  const wanted = rows.filter(({ name }) => name === 'none' || name.includes(values.only ?? ''))
  for (const row of wanted) await measured(row.name, await handlerOf(row, provider), row)
  if (values.only === undefined) {
    // a cache that answers by itself would hide the others
    const all = rows.filter(
      ({ name, options, asks, prompt }) => options && !asks && !prompt && name !== 'cache, hit',
    )
    let handler = provider
    for (const row of all.toReversed()) handler = await handlerOf(row, handler)
    await measured(`all ${all.length}`, handler, { name: 'all' })
  }
  for (const [title, size] of [
    ['parse 1 KB', small],
    ['parse 100 KB', large],
  ] as const) {
    const text = JSON.stringify(callOf({ name: '' }, size, false)().request)
    const time = await timeOf(
      () => (JSON.stringify(JSON.parse(text)), answerWith(whole)),
      () => fakeCall(),
    )
    console.log(`${title.padEnd(30)}${figure(time - (base[0] ?? 0))}`)
  }
  return 0
}

process.exit(await main())
