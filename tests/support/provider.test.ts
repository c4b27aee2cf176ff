import { expect, setDefaultTimeout, test } from 'bun:test'
import OpenAI from 'openai'
import { embedding } from './bodies.ts'
import { startBlackhole } from './blackhole.ts'
import { readAnswer } from './lab.ts'
import { startProvider, type Provider, type Script } from './provider.ts'
import { recordings } from './recorded.ts'
import { answers, endless, html, replays, reset, silent, status } from './scripts.ts'
import {
  badlyGzipped,
  coalesced,
  dieAfter,
  gzipped,
  rewritten,
  splitAt,
  splitEvery,
} from './spoils.ts'
import { parseSse } from './sse.ts'
import { until } from './until.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const clientOf = (provider: Provider): OpenAI =>
  new OpenAI({ baseURL: provider.url, apiKey: 'sk-x', maxRetries: 0 })

const messages = [{ role: 'user' as const, content: 'hi' }]

const ask = (provider: Provider, request: object = {}, init: RequestInit = {}): Promise<Response> =>
  fetch(`${provider.url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model: 'm', messages, ...request }),
    ...init,
  })

test('the scripted provider speaks to the official SDK like the real one', async () => {
  await using provider = await startProvider({ name: 'a' })
  const client = clientOf(provider)
  const completion = await client.chat.completions.create({ model: 'm', messages })
  expect(completion.choices[0]?.message.content).toBe('Hello from a.')
  expect((await client.embeddings.create({ model: 'm', input: 'x' })).data[0]?.embedding).toEqual([
    ...embedding,
  ])
  expect((await client.models.list()).data[0]?.id).toBe('m')
  expect((await client.completions.create({ model: 'm', prompt: 'x' })).choices[0]?.text).toBe(
    'Hello from a.',
  )
  expect(provider.requests.map((request) => request.path)).toEqual([
    '/v1/chat/completions',
    '/v1/embeddings',
    '/v1/completions',
  ])
  expect(provider.requests[0]!.json).toEqual({ model: 'm', messages })
  expect(provider.connections).toBe(1)
})

test('every recording is the same answer streamed as whole', async () => {
  await using provider = await startProvider()
  const client = clientOf(provider)
  for (const [name, recording] of Object.entries(recordings)) {
    provider.next(replays(recording), replays(recording))
    const streamed = await client.chat.completions
      .stream({ model: 'm', messages })
      .finalChatCompletion()
    const whole = await client.chat.completions.create({ model: 'm', messages })
    for (const choice of whole.choices) {
      const mine = streamed.choices.find((one) => one.index === choice.index)
      expect(mine?.message.content ?? null, name).toBe(choice.message.content)
      expect(mine?.finish_reason, name).toBe(choice.finish_reason)
      expect(JSON.stringify(mine?.message.tool_calls ?? []).length > 2, name).toBe(
        choice.message.tool_calls !== undefined,
      )
    }
  }
})

test('usage is streamed only where it was asked for', async () => {
  await using provider = await startProvider()
  const plain = await readAnswer(await ask(provider, { stream: true }))
  expect(plain.usage).toBeUndefined()
  const asked = await readAnswer(
    await ask(provider, { stream: true, stream_options: { include_usage: true } }),
  )
  expect(asked.stream!.events.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 22 } })
})

test('the spoils change how an answer travels but not what it says', async () => {
  await using provider = await startProvider()
  const script = answers('Grüezi, 世界!')
  const plain = await (provider.next(script), ask(provider, { stream: true })).then((one) =>
    one.text(),
  )
  const same: Script[] = [
    splitEvery(1, script),
    splitAt(200, script),
    coalesced(script),
    gzipped(script),
  ]
  for (const spoiled of same) {
    provider.next(spoiled)
    expect(await (await ask(provider, { stream: true })).text()).toBe(plain)
  }
  provider.next(rewritten((body) => body.replaceAll('\n', '\r\n'), script))
  expect(await (await ask(provider, { stream: true })).text()).toBe(plain.replaceAll('\n', '\r\n'))
  provider.next(dieAfter(2, script, 'end'))
  expect(await (await ask(provider, { stream: true })).text()).toBe(
    plain.split('\n\n').slice(0, 2).join('\n\n') + '\n\n',
  )
  provider.next(badlyGzipped(script))
  await expect(ask(provider).then((one) => one.text())).rejects.toThrow()
  for (const end of ['reset', 'close'] as const) {
    provider.next(dieAfter(2, script, end))
    await expect(ask(provider, { stream: true }).then((one) => one.text())).rejects.toThrow()
  }
})

test('faults are what they say', async () => {
  await using provider = await startProvider()
  provider.next(reset(), status(429, 'slow down', { 'retry-after': '7' }), html(524))
  await expect(ask(provider)).rejects.toThrow()
  const limited = await ask(provider)
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7'])
  expect((await ask(provider)).headers.get('content-type')).toStartWith('text/html')
})

test('a request that the peer gave up counts as aborted, one that ended does not', async () => {
  await using provider = await startProvider()
  provider.next(silent(), endless())
  for (const stream of [false, true]) {
    const client = new AbortController()
    const asking = ask(provider, { stream }, { signal: client.signal })
    asking.catch(() => {})
    const at = provider.requests.length
    await until('the request is there', () => provider.requests.length > at)
    if (stream) await asking
    client.abort()
    await provider.requests[at]!.closed
    expect(provider.requests[at]!.aborted).toBe(true)
  }
  await (await ask(provider)).text()
  expect(provider.requests.at(-1)!.aborted).toBe(false)
  await until('nothing is open', () => provider.open === 0)
})

test('a blackhole lets connections hang', async () => {
  await using hole = await startBlackhole()
  const asking = fetch(hole.url, { signal: AbortSignal.timeout(300) })
  await expect(asking).rejects.toMatchObject({ name: 'TimeoutError' })
})

test('the strict reader refuses loose framing', () => {
  expect(parseSse('data: 1\n\n: hush\n\ndata: [DONE]\n\n')).toMatchObject({
    payloads: ['1', '[DONE]'],
    comments: ['hush'],
  })
  for (const loose of [
    'data: [DONE]',
    'data: 1\n\n',
    'data: [DONE]\n\ndata: [DONE]\n\n',
    'data:1\n\ndata: [DONE]\n\n',
    'data: 1\r\n\r\ndata: [DONE]\n\n',
    'data: 1\ndata: 2\n\ndata: [DONE]\n\n',
  ]) {
    expect(() => parseSse(loose)).toThrow()
  }
})
