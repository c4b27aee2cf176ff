import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { startLab } from '../support/lab.ts'
import { replaysFixture } from '../support/fixtures-replay.ts'
import { sendJson } from '../support/scripts.ts'

setDefaultTimeout(30_000)

const lab = await startLab({
  providers: ({ a, b, c }) => ({
    claude: { dialect: 'anthropic', base_url: a.url, api_key: 'sk-a' },
    gpt: { dialect: 'openai', base_url: b.url, api_key: 'sk-b' },
    reply: { dialect: 'responses', base_url: c.url, api_key: 'sk-c' },
  }),
})
afterAll(() => lab[Symbol.asyncDispose]())

beforeEach(() => {
  lab.a.always(replaysFixture('anthropic', 'text'))
  lab.b.always(replaysFixture('openai', 'text'))
  lab.c.always(replaysFixture('responses', 'text'))
})

const post = (path: string, body: object): Promise<Response> =>
  fetch(`${lab.sluice.v1}/messages${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      max_tokens: 64,
      messages: [{ role: 'user', content: 'Say hello.' }],
      ...body,
    }),
  })

describe('safeguards', () => {
  const safeguards = [{ type: 'output', policy: 'SECRET' }]

  test('reach Anthropic as they came', async () => {
    expect((await post('', { model: 'claude/m', safeguards })).status).toBe(200)
    expect(lab.a.requests.at(-1)!.json).toMatchObject({ safeguards })
  })

  test('are refused by their name where nobody would apply them, and nothing is sent', async () => {
    for (const [model, provider] of [
      ['gpt/m', lab.b],
      ['reply/m', lab.c],
    ] as const) {
      const before = provider.requests.length
      const response = await post('', { model, safeguards })
      expect(response.status).toBe(400)
      const { error }: any = await response.json()
      expect(error.type).toBe('invalid_request_error')
      expect(error.message).toContain('safeguards')
      expect(JSON.stringify(error)).not.toContain('SECRET')
      expect(provider.requests).toHaveLength(before)
    }
  })

  test('that say nothing stop nobody', async () => {
    for (const nothing of [null, []])
      expect((await post('', { model: 'gpt/m', safeguards: nothing })).status).toBe(200)
  })

  test('do not stop a count', async () => {
    expect((await post('/count_tokens', { model: 'gpt/m', safeguards })).status).toBe(200)
  })
})

describe('what Anthropic’s own servers do', () => {
  const own = {
    mcp_servers: [{ type: 'url', url: 'https://mcp.example/sse', name: 'db' }],
    container: { skills: [] },
  }

  test('is asked of them without a word', async () => {
    const response = await post('', { model: 'claude/m', ...own })
    expect(response.headers.get('x-sluice-warnings')).toBeNull()
    expect(lab.a.requests.at(-1)!.json).toMatchObject(own)
  })

  test('is left out elsewhere, and the client hears of it', async () => {
    const response = await post('', { model: 'gpt/m', ...own })
    expect(response.status).toBe(200)
    const told = response.headers.get('x-sluice-warnings')
    expect(told).toContain('mcp_servers is not available at this provider')
    expect(told).toContain('container is not available at this provider')
    expect(Object.keys(lab.b.requests.at(-1)!.json as object)).not.toContain('mcp_servers')
  })
})

describe('a count', () => {
  test.each([404, 405, 501])(
    'is estimated where the provider of Responses says %i to it, again and again',
    async (refusal) => {
      lab.c.always((exchange) =>
        exchange.request.path.endsWith('/input_tokens')
          ? sendJson(exchange, refusal, { error: { message: 'no' } })
          : replaysFixture('responses', 'text')(exchange),
      )
      for (let at = 0; at < 3; at++) {
        const response = await post('/count_tokens', { model: 'reply/m' })
        expect(response.status).toBe(200)
        expect(((await response.json()) as any).input_tokens).toBeGreaterThan(2)
      }
      // and the key is not put to rest for it
      expect((await post('', { model: 'reply/m' })).status).toBe(200)
    },
  )

  test('is the provider’s own where it counts', async () => {
    lab.c.always((exchange) =>
      sendJson(exchange, 200, { object: 'response.input_tokens', input_tokens: 41 }),
    )
    const response = await post('/count_tokens', { model: 'reply/m' })
    expect(await response.json()).toEqual({ input_tokens: 41 })
  })
})
