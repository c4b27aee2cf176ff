import { contentTypes, expected, fixture } from '../../support/fixtures.ts'
import type { Script } from '../../support/provider.ts'
import { until } from '../../support/until.ts'
import type { Dialect, ErrorName } from '../ask.ts'
import type { Bench, Feature, Part } from '../bench.ts'
import { question } from './samples.ts'

const refuses =
  ({ errors }: Dialect, name: ErrorName): Script =>
  async (exchange) => {
    const { status, body } = errors[name]
    const text = JSON.stringify(body)
    await exchange.head(status, {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      ...(name === 'limited' && { 'retry-after': '7' }),
    })
    await exchange.body(text)
    await exchange.end()
  }

/** The first half of a stream. */
const half = ({ name }: Dialect): string => {
  const { sse } = fixture(name, 'text')
  const blank = sse.includes('\r\n\r\n') ? '\r\n\r\n' : '\n\n'
  const events = sse.split(blank)
  return `${events.slice(0, Math.ceil(events.length / 2)).join(blank)}${blank}`
}

const begins =
  (dialect: Dialect, then: Script): Script =>
  async (exchange) => {
    await exchange.head(200, { 'content-type': contentTypes.sse[dialect.name] })
    await exchange.body(half(dialect))
    await then(exchange)
  }

const refused =
  (name: 'limited' | 'context' | 'overloaded', more: (bench: Bench) => void = () => {}) =>
  async (bench: Bench) => {
    const { surface, dialect, fail, must } = bench
    const { status, type } = surface.errors[name]
    const seen = await fail(question, refuses(dialect, name))
    must(status.includes(seen.status), `status: got ${seen.status}, wanted ${status.join(' or ')}`)
    must(type.test(seen.error?.type ?? ''), `type: got ${seen.error?.type}, wanted ${type.source}`)
    must(/^(true|false)$/.test(seen.headers.get('x-should-retry') ?? ''), 'x-should-retry is sent')
    if (name === 'limited') bench.same('retry-after', seen.headers.get('retry-after'), '7')
    if (name === 'context')
      bench.same('the provider’s words', seen.error?.message, dialect.errors.context.message)
    more(bench)
  }

const midStream: Part = {
  name: 'in mid-stream',
  streamed: true,
  async run({ dialect, fail, same, must }) {
    const broken: Script = async (exchange) => {
      await exchange.body(dialect.broken)
      await exchange.end()
    }
    const seen = await fail(question, begins(dialect, broken))
    same('status', seen.status, 200)
    must(seen.error, 'the stream says that it failed')
    must(!seen.error || seen.error.message, 'the error has a message')
    const { content } = expected(dialect.name, 'text')
    must(seen.text !== '' && content.startsWith(seen.text), 'what came before is there')
    must(seen.finish === undefined || seen.finish === 'error', `no success: ${seen.finish}`)
  },
}

const first: Part = {
  name: 'as first event',
  streamed: true,
  async run({ dialect, fail, must }) {
    const seen = await fail(question, async (exchange) => {
      await exchange.head(200, { 'content-type': contentTypes.sse[dialect.name] })
      await exchange.body(dialect.broken)
      await exchange.end()
    })
    must(seen.status >= 500, `status: got ${seen.status}, wanted 500 or above`)
    must(seen.error?.message, 'the error has a message')
  },
}

const cutOff: Part = {
  name: 'a cut stream',
  streamed: true,
  async run({ dialect, fail, same, must }) {
    const { promise: head, resolve: begun } = Promise.withResolvers<void>()
    const cut: Script = async (exchange) => {
      await Promise.race([head, exchange.gone])
      exchange.close()
    }
    const seen = await fail(question, begins(dialect, cut), begun)
    same('status', seen.status, 200)
    must(seen.error, 'the stream says that it failed')
    must(seen.finish === undefined || seen.finish === 'error', `no success: ${seen.finish}`)
  },
}

export const errors: Feature = {
  name: 'errors',
  parts: [
    { name: 'rate limit', run: refused('limited') },
    { name: 'context length', run: refused('context') },
    { name: 'overloaded', run: refused('overloaded') },
    {
      name: 'our key is bad',
      async run({ dialect, fail, same, must }) {
        const seen = await fail(question, refuses(dialect, 'key'))
        same('status', seen.status, 502)
        must(!seen.error?.message.includes('sk-provider'), 'the key is not told')
      },
    },
    first,
    midStream,
    cutOff,
  ],
}

/** Leaves once `ready`, and looks whether the provider was left as well. */
const leaves = async (
  { surface, dialect, stream, lab, must }: Bench,
  script: Script,
  ready: (response: Promise<Response>) => Promise<unknown>,
) => {
  const controller = new AbortController()
  lab.play(dialect, script)
  const before = lab.providers[dialect.name].requests.length
  const written = surface.write(question, { model: lab.fresh(dialect), stream })
  const response = lab.post(written, controller.signal)
  response.catch(() => undefined)
  const { requests } = lab.providers[dialect.name]
  const refusedAt = response.then(
    ({ status }) => (status === 200 ? undefined : status),
    () => undefined,
  )
  let status: number | undefined
  void refusedAt.then((given) => (status = given))
  await until('the provider is asked', () => requests.length > before || status !== undefined)
  if (status !== undefined) throw new Error(`status ${status}`)
  await ready(response)
  controller.abort()
  const request = requests.at(-1)!
  await Promise.race([request.closed, Bun.sleep(5_000)])
  must(request.aborted, 'the provider is left as well')
}

export const abort: Feature = {
  name: 'abort',
  parts: [
    {
      name: 'before the answer',
      run: (bench) =>
        leaves(
          bench,
          (exchange) => exchange.gone,
          async () => undefined,
        ),
    },
    {
      name: 'in mid-stream',
      streamed: true,
      run: (bench) =>
        leaves(
          bench,
          begins(bench.dialect, (exchange) => exchange.gone),
          async (response) => (await response).body!.getReader().read(),
        ),
    },
  ],
}
