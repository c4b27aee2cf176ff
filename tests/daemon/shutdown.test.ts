import { expect, test } from 'bun:test'
import { readAnswer, startLab, type Lab } from '../support/lab.ts'
import { answers } from '../support/scripts.ts'
import { until } from '../support/until.ts'

const words = 'one two three four five six seven eight'

/** A streamed call whose first content has arrived; the rest comes once it may. */
const begin = async (lab: Lab) => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  lab.a.always((exchange) => {
    let pieces = 0
    return answers(words)({
      ...exchange,
      async body(piece) {
        if (pieces++ === 4) await released
        await exchange.body(piece)
      },
    })
  })
  const response = await fetch(`${lab.sluice.v1}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] }),
  })
  expect(response.status).toBe(200)
  return { release, finished: readAnswer(response) }
}

test.each(['SIGTERM', 'SIGINT'] as const)(
  'on %s a stream ends well, nobody new is let in, and the exit code is 0',
  async (signal) => {
    await using lab = await startLab({ server: { drain: '10s' } })
    const { sluice } = lab
    const { release, finished } = await begin(lab)
    sluice.signal(signal)
    await until('it is draining', async () => (await fetch(`${sluice.url}/ready`)).status === 503)
    const ready = await fetch(`${sluice.url}/ready`)
    expect(await ready.json()).toEqual({ status: 'draining', in_flight: 1 })
    expect((await fetch(`${sluice.url}/health`)).status).toBe(200)

    const refused = await lab.chat()
    expect([refused.status, refused.error.code]).toEqual([503, 'draining'])
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(refused.headers.get('x-should-retry')).toBe('true')

    release()
    const answer = await finished
    expect(answer.text).toBe(words)
    expect(answer.stream!.payloads.at(-1)).toBe('[DONE]')
    expect(answer.error).toBeUndefined()
    expect(await sluice.exited).toBe(0)
  },
)

test('with nothing in flight it leaves at once', async () => {
  await using lab = await startLab({ server: { drain: '60s' } })
  await lab.chat()
  lab.sluice.signal('SIGTERM')
  expect(await lab.sluice.exited).toBe(0)
})

test('who cannot wait asks twice', async () => {
  const lab = await startLab({ server: { drain: '60s' } })
  lab.a.always((exchange) => exchange.gone)
  const asking = lab.chat({ stream: true }).catch(() => undefined)
  await until('it is in flight', () => lab.a.open === 1)
  lab.sluice.signal('SIGTERM')
  await until('it is draining', async () => (await fetch(`${lab.sluice.url}/ready`)).status === 503)
  lab.sluice.signal('SIGTERM')
  expect(await lab.sluice.exited).toBe(130)
  await asking
  await Promise.all([lab.a.stop(), lab.b.stop(), lab.c.stop()])
  await lab[Symbol.asyncDispose]().catch(() => undefined)
})
