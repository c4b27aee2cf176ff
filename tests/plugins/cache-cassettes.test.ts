import { afterAll, beforeEach, describe, expect, test, setDefaultTimeout } from 'bun:test'
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { parse } from 'yaml'
import { replaysFixture } from '../support/fixtures-replay.ts'
import { chat, prompt, startLab } from '../support/lab.ts'
import { answers } from '../support/scripts.ts'
import { startSluice } from '../support/sluice.ts'
import { until } from '../support/until.ts'
import { postJson } from '../support/post.ts'

// each starts daemons of its own
setDefaultTimeout(60_000)

let cassettes: string
const made: string[] = []
beforeEach(() => {
  cassettes = join(mkdtempSync(join(tmpdir(), 'sluice-cassettes-')), 'made')
  made.push(cassettes)
})
afterAll(() => {
  for (const one of made) rmSync(join(one, '..'), { recursive: true, force: true })
})

const recorder = (more: object = {}) =>
  startLab({
    plugins: [{ cache: { mode: 'record', cassettes, ...more } }, 'fallback'],
    providers: ({ a }) => ({
      claude: { dialect: 'anthropic', base_url: a.url, api_key: 'sk-provider-claude' },
      think: { dialect: 'responses', base_url: a.url, api_key: 'sk-provider-think' },
    }),
  })

/** A daemon that knows no provider. */
const player = () =>
  startSluice({
    config: JSON.stringify({
      server: { log: 'json', discover: false },
      plugins: [{ cache: { mode: 'replay', cassettes } }],
    }),
  })

const filesIn = () =>
  readdirSync(cassettes)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
/** The only recording, once it is written: that is after the answer. */
const theOne = async (): Promise<string> => {
  await until('it is written', () => existsSync(cassettes) && filesIn().length > 0)
  expect(filesIn()).toHaveLength(1)
  return filesIn()[0]!
}
const textIn = (file: string | undefined) => readFileSync(join(cassettes, file ?? ''), 'utf8')

describe('recordings', () => {
  test('are given again as they were, streamed and whole, with nobody to ask', async () => {
    const first = await (async () => {
      await using lab = await recorder()
      return await lab.chat({ stream: true })
    })()
    await using sluice = await player()
    const second = await chat(sluice.v1, { model: 'm', messages: prompt, stream: true })
    expect(second.text).toBe(first.text)
    expect(second.stream?.events.filter(({ usage }) => !usage)).toEqual(
      first.stream?.events.filter(({ usage }) => !usage) ?? [],
    )
    expect(second.headers.get('x-sluice-cache')).toStartWith('recording; file=chat-m-')
    const whole = await chat(sluice.v1, { messages: prompt, model: 'm' })
    expect([whole.text, whole.usage.total_tokens > 0]).toEqual([first.text, true])
  })

  test('are files that people can read, without anybody’s key', async () => {
    await using lab = await recorder()
    const tools = [
      {
        type: 'mcp',
        server_url: 'https://x.test',
        authorization: 'sk-my-own',
        headers: { a: 'sk-b' },
      },
    ]
    await lab.chat(
      { user: 'me', tools },
      { headers: { authorization: 'Bearer sk-client', 'x-api-key': 'sk-client' } },
    )
    const file = await theOne()
    const text = textIn(file)
    expect(file).toMatch(/^chat-m-\w{10}\.yaml$/)
    expect(text).not.toMatch(/sk-/)
    expect(text).not.toMatch(/authorization: (?!"?\*\*\*)/i)
    const cassette = parse(text)
    expect(cassette.request).toEqual({
      model: 'm',
      messages: prompt,
      tools: [{ type: 'mcp', server_url: 'https://x.test', authorization: '***', headers: '***' }],
    })
    expect(cassette.answer.provider).toBe('a')
    expect(text).toContain('Hello from a.')
  })

  test('keep their names, and are not made twice', async () => {
    await using lab = await recorder()
    lab.a.next(answers('First.'), answers('Second.'))
    await lab.chat()
    const before = await theOne()
    const again = await lab.chat({ stream: true, user: 'somebody' })
    expect(again.text).toBe('First.')
    expect(await theOne()).toBe(before)
    expect(lab.a.requests).toHaveLength(1)
  })

  test('are made anew where that is said', async () => {
    await using lab = await recorder({ record: 'all' })
    lab.a.next(answers('First.'), answers('Second.'))
    await lab.chat()
    await lab.chat()
    await until('it is written', async () => textIn(await theOne()).includes('Second.'))
  })

  test('of failures are not made', async () => {
    await using lab = await recorder()
    lab.a.next((exchange) => exchange.close())
    lab.b.next((exchange) => exchange.close())
    lab.c.next((exchange) => exchange.close())
    const failed = await lab.chat()
    expect(failed.status).toBeGreaterThan(499)
    expect(() => filesIn()).toThrow()
  })

  test('that are missing are said to be so, with what differs and nothing of what was said', async () => {
    {
      await using lab = await recorder()
      await lab.chat({ temperature: 0 })
    }
    await using sluice = await player()
    const missing = await chat(sluice.v1, {
      model: 'm',
      temperature: 0.25,
      messages: [...prompt, { role: 'user', content: 'A secret of mine.' }],
    })
    expect(missing.status).toBe(404)
    expect(missing.error.code).toBe('recording_not_found')
    expect(missing.error.message).toMatch(
      /The nearest recording, chat-m-\w{10}\.yaml, differs in: messages\[1\], temperature\./,
    )
    expect(missing.raw).not.toContain('secret')
    expect(missing.raw).not.toContain('0.25')
    expect(missing.headers.get('x-should-retry')).toBe('false')
  })

  test('keep what only the provider’s own format has', async () => {
    const ask = async (url: string, path: string, body: object) => {
      const response = await postJson(`${url}${path}`, body, {
        headers: { 'x-api-key': 'sk-client' },
      })
      return response.text()
    }
    const requests = [
      ['/v1/messages', { model: 'claude/m', max_tokens: 9, messages: prompt, stream: true }],
      ['/v1/messages', { model: 'claude/n', max_tokens: 9, messages: prompt }],
      ['/v1/responses', { model: 'think/m', input: 'Think.', stream: true }],
    ] as const
    const first: string[] = []
    {
      await using lab = await recorder()
      lab.a.next(replaysFixture('anthropic', 'reasoning_tool'))
      lab.a.next(replaysFixture('anthropic', 'reasoning'))
      lab.a.next(replaysFixture('responses', 'reasoning_tool'))
      for (const [path, body] of requests) first.push(await ask(lab.sluice.url, path, body))
    }
    expect(first[0]).toContain('signature_delta')
    await using sluice = await player()
    for (const [at, [path, body]] of requests.entries())
      expect(await ask(sluice.url, path, body)).toBe(first[at]!)
  })

  test('that somebody has spoiled say so', async () => {
    {
      await using lab = await recorder()
      await lab.chat()
    }
    const [file] = filesIn()
    writeFileSync(join(cassettes, file!), 'answer: [')
    await using sluice = await player()
    const spoiled = await chat(sluice.v1, { model: 'm', messages: prompt })
    expect([spoiled.status, spoiled.error.code]).toEqual([404, 'recording_not_found'])
    expect(spoiled.error.message).toContain(file!)
  })

  test('of embeddings are kept too, and what cannot be recorded reaches nobody', async () => {
    const embed = (url: string) =>
      new OpenAI({ baseURL: url, apiKey: 'sk-client', maxRetries: 0 }).embeddings.create({
        model: 'm',
        input: ['a', 'b'],
      })
    {
      await using lab = await recorder()
      await embed(lab.sluice.v1)
    }
    await using sluice = await player()
    expect((await embed(sluice.v1)).data).toHaveLength(2)
    const speech = await postJson(`${sluice.v1}/audio/speech`, {
      model: 'm',
      input: 'Hello.',
      voice: 'alloy',
    })
    expect(speech.status).toBe(404)
    expect(await speech.text()).toContain('recording_not_found')
  })

  test('need a folder', async () => {
    const start = startSluice({
      config: JSON.stringify({ plugins: [{ cache: { mode: 'replay' } }] }),
    })
    await expect(start).rejects.toThrow('record and replay need a folder: cassettes')
  })
})
