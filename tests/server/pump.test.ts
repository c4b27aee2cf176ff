import { describe, expect, test } from 'bun:test'
import type { Chunk } from '../../src/chat.ts'
import { GatewayError } from '../../src/errors.ts'
import { collectBody, pump, type PumpOptions } from '../../src/server/pump.ts'
import type { Batch } from '../../src/stream.ts'
import { chatCompletions } from '../../src/surfaces/chat-completions.ts'
import { until } from '../support/until.ts'

const wire = { id: 'gen-1', requestId: 'req_1', codes: 'name' } as const

const says = (content: string): Chunk => ({
  model: 'm-2026',
  choices: [{ index: 0, delta: { content } }],
})
const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
const never = 600_000

const setUp = (batches: AsyncIterator<Batch>, options: Partial<PumpOptions> = {}) => {
  const endings: Parameters<PumpOptions['ended']>[0][] = []
  let aborted = 0
  const stream = pump(batches, {
    silent: false,
    comments: true,
    writer: chatCompletions.events!(wire),
    heartbeat: never,
    write_timeout: never,
    abort: () => void aborted++,
    stopped: () => undefined,
    ended: (ending) => void endings.push(ending),
    ...options,
  })
  return { stream, endings, aborted: () => aborted }
}

const text = (stream: ReadableStream<Uint8Array>) => new Response(stream).text()

describe('an answer as a body', () => {
  test('is its events and [DONE], and its end is told once with what was learned', async () => {
    const { stream, endings, aborted } = setUp(
      (async function* () {
        yield { chunks: [says('a')] }
        yield { chunks: [] }
        yield { chunks: [says('b'), { choices: [], usage }] }
      })(),
    )
    const body = await text(stream)
    expect(body.match(/^data: .*$/gm)).toHaveLength(5)
    expect(body).toEndWith('data: [DONE]\n\n')
    expect(endings).toEqual([{ usage, model: 'm-2026' }])
    expect(aborted()).toBe(0)
  })

  test('that fails ends with the error in-band, never with a rejection', async () => {
    for (const thrown of [
      new GatewayError('upstream_timeout'),
      new TypeError('SECRET'),
      undefined,
    ]) {
      const { stream, endings, aborted } = setUp(
        (async function* (): AsyncGenerator<Batch> {
          yield { chunks: [says('a')] }
          throw thrown
        })(),
      )
      const body = await text(stream)
      expect(body).toContain('"finish_reason":"error"')
      expect(body).toEndWith('data: [DONE]\n\n')
      expect(body).not.toContain('SECRET')
      expect(endings).toHaveLength(1)
      expect(endings[0]?.error).toBeInstanceOf(GatewayError)
      expect(aborted()).toBe(1)
    }
  })

  test('that the daemon ends says why', async () => {
    const why = new GatewayError('server_shutting_down')
    const { stream } = setUp(
      (async function* (): AsyncGenerator<Batch> {
        yield { chunks: [says('a')] }
        throw new GatewayError('client_closed')
      })(),
      { stopped: () => why },
    )
    expect(await text(stream)).toContain('server_shutting_down')
  })

  test('is pulled by its reader, never pushed', async () => {
    let asked = 0
    const { stream } = setUp({
      next: async () => ({ done: false, value: { chunks: [says(String(++asked))] } }),
    })
    await Bun.sleep(10)
    expect(asked).toBe(0)
    const reader = stream.getReader()
    await reader.read()
    await reader.read()
    await Bun.sleep(10)
    expect(asked).toBeLessThanOrEqual(2)
    await reader.cancel()
  })

  test('that its reader leaves lets everything go, once', async () => {
    let returned = 0
    const { stream, endings, aborted } = setUp({
      next: async () => ({ done: false, value: { chunks: [says('a')] } }),
      return: async () => {
        returned++
        throw new Error('even this is no rejection')
      },
    })
    const reader = stream.getReader()
    await reader.read()
    await reader.cancel()
    expect(endings.map(({ error }) => error?.code)).toEqual(['client_closed'])
    expect([aborted(), returned]).toEqual([1, 1])
  })

  test('says that it is still there while nothing is said', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const { stream } = setUp(
      (async function* () {
        await promise
        yield { chunks: [says('at last')] }
      })(),
      { heartbeat: 4 },
    )
    const reader = stream.getReader()
    let body = ''
    const reading = (async () => {
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        body += new TextDecoder().decode(value)
      }
    })()
    await until('three comments came', () => body.split(': SLUICE PROCESSING\n\n').length > 3)
    resolve()
    await reading
    expect(body).toContain('at last')
    expect(body).toMatch(/^(: SLUICE PROCESSING\n\n)+data: /)
  })

  test('that was silent before begins with a comment', async () => {
    const { stream } = setUp(
      (async function* () {
        yield { chunks: [says('a')] }
      })(),
      { silent: true },
    )
    expect(await text(stream)).toStartWith(': SLUICE PROCESSING\n\ndata: ')
  })

  test('that nobody reads is cut off, and the provider let go', async () => {
    const { stream, endings, aborted } = setUp(
      (async function* () {
        for (;;) yield { chunks: [says('a')] }
      })(),
      { write_timeout: 10 },
    )
    const reader = stream.getReader()
    await reader.read()
    await until('it was cut off', () => endings.length > 0)
    expect(endings[0]?.error?.code).toBe('client_closed')
    expect(aborted()).toBe(1)
    await expect(reader.read()).rejects.toThrow()
  })
})

describe('an answer as one body', () => {
  test('is all its chunks in one', async () => {
    const { body, chunk } = await collectBody(
      (async function* () {
        yield { chunks: [says('a')] }
        yield { chunks: [says('b'), { choices: [], usage }] }
      })(),
      chatCompletions,
      wire,
    )
    expect(JSON.parse(body).choices[0].message).toEqual({
      role: 'assistant',
      content: 'ab',
      refusal: null,
    })
    expect(chunk.usage).toEqual(usage)
  })

  test('of nothing is a failure', async () => {
    const nothing = (async function* (): AsyncGenerator<Batch> {
      yield { chunks: [] }
    })()
    await expect(collectBody(nothing, chatCompletions, wire)).rejects.toThrow('empty')
  })
})
