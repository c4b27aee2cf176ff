import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { startProvider, type Provider } from '../support/provider.ts'
import { startSearxng, type Searxng } from '../support/searxng.ts'
import { createRandom } from '../support/random.ts'
import { answers } from '../support/scripts.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'
import { postJson } from '../support/post.ts'

const surfaces = ['chat', 'messages', 'responses', 'gemini', 'ollama'] as const
type Surface = (typeof surfaces)[number]

const secrets = {
  email: 'jane.roe@acme-corp.com',
  card: '4111 1111 1111 1111',
  key: 'sk-proj-Zk3vT9qLw2XbN8mR5cYd7HfJ1sPgU4aE6oQi0BtKx',
}
const text = `Write to ${secrets.email}, charge ${secrets.card}, sign with ${secrets.key}. Thanks.`

/** Every plugin that an ordinary set-up may list, each doing its work. */
const all: readonly object[] = [
  { limits: { characters: 100_000 } },
  { 'file-parser': {} },
  { 'prompt-injection': { action: 'flag' } },
  { moderation: { words: ['forbidden'], action: 'block' } },
  { cache: { mode: 'on' } },
  { 'system-prompt': { append: 'Be brief.' } },
  { reasoning: {} },
  { online: {} },
  { 'web-fetch': {} },
  { datetime: {} },
  { 'context-compression': {} },
  { privacy: {} },
  { 'response-healing': {} },
  { resume: {} },
  { fallback: {} },
]

const shuffled = (seed: number): readonly object[] => {
  const random = createRandom(seed)
  return all
    .map((entry) => ({ entry, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ entry }) => entry)
}

/** As the README advises, backwards, and shuffled. */
const orders = [all, all.toReversed(), ...[1, 2, 3, 4].map(shuffled)]

const nameOf = (entry: object): string => Object.keys(entry)[0] ?? ''

const bodyFor = (surface: Surface, said: string, stream: boolean): readonly [string, object] => {
  const messages = [{ role: 'user', content: said }]
  const base = { model: 'box/m', stream }
  switch (surface) {
    case 'chat':
      return ['/v1/chat/completions', { ...base, messages }]
    case 'messages':
      return ['/v1/messages', { ...base, max_tokens: 500, messages }]
    case 'responses':
      return ['/v1/responses', { ...base, input: said }]
    case 'ollama':
      return ['/api/chat', { ...base, messages }]
    case 'gemini': {
      const method = stream ? 'streamGenerateContent?alt=sse' : 'generateContent'
      return [
        `/v1beta/models/box/m:${method}`,
        { contents: [{ role: 'user', parts: [{ text: said }] }] },
      ]
    }
  }
}

/** The text of an answer, whatever the format. */
const textIn = (surface: Surface, raw: string, stream: boolean): string => {
  const lines = raw.split('\n').map((line) => line.replace(/^data: /, ''))
  const bodies = stream
    ? lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line))
    : [JSON.parse(raw)]
  const parts = bodies.map((body: any): string => {
    switch (surface) {
      case 'chat':
        return (body.choices?.[0]?.delta ?? body.choices?.[0]?.message)?.content ?? ''
      case 'messages':
        return stream ? (body.delta?.text ?? '') : body.content[0].text
      case 'responses':
        if (!stream) return body.output.at(-1).content[0].text
        return body.type === 'response.output_text.delta' ? body.delta : ''
      case 'ollama':
        return body.message?.content ?? ''
      case 'gemini':
        return body.candidates?.[0]?.content?.parts?.[0]?.text ?? ''
    }
  })
  return parts.join('')
}

describe.each(orders.map((order) => [order.map(nameOf).join(' '), order] as const))(
  'all plugins at once: %s',
  (_, order) => {
    let provider: Provider
    let sluice: Sluice
    let searxng: Searxng
    beforeAll(async () => {
      searxng = startSearxng()
      provider = await startProvider({ name: 'box' })
      provider.always((exchange) => {
        const { messages } = exchange.request.json
        const asked = messages.findLast(({ role }: any) => role === 'user')?.content ?? ''
        const said =
          typeof asked === 'string' ? asked : asked.map((part: any) => part.text).join('')
        return answers(`You wrote: ${said}`)(exchange)
      })
      const config = {
        server: { drain: '1s', discover: false },
        providers: { box: { base_url: provider.url, api_key: 'sk-box' } },
        plugins: order.map((entry) =>
          'online' in entry
            ? { online: { engines: { searxng: { base_url: searxng.url } } } }
            : entry,
        ),
      }
      sluice = await startSluice({
        config: JSON.stringify(config),
        env: { BUN_CONFIG_MAX_HTTP_REQUESTS: '4096' },
      })
    })
    afterAll(async () => {
      await sluice?.stop()
      await provider?.stop()
      await searxng?.stop()
    })

    const ask = async (surface: Surface, said: string, stream: boolean) => {
      const [path, body] = bodyFor(surface, said, stream)
      const response = await postJson(sluice.url + path, body)
      return { status: response.status, raw: await response.text() }
    }

    for (const surface of surfaces)
      for (const stream of [false, true])
        test(`${surface}, ${stream ? 'streamed' : 'whole'}: what is private comes back and goes nowhere`, async () => {
          const said = `${text} (${surface}, ${stream})`
          // the second time out of the cache
          for (const _time of [1, 2]) {
            const { status, raw } = await ask(surface, said, stream)
            expect(status).toBe(200)
            expect(textIn(surface, raw, stream)).toBe(`You wrote: ${said}`)
          }
          expect(provider.requests.length).toBeGreaterThan(0)
          for (const { body } of provider.requests)
            for (const secret of Object.values(secrets)) expect(body).not.toContain(secret)
          expect(provider.requests.at(-1)?.body).toContain('Be brief.')
        })

    test('a word that is not allowed is refused in any format', async () => {
      const before = provider.requests.length
      for (const surface of surfaces) {
        const { status, raw } = await ask(surface, 'This is forbidden.', true)
        expect([surface, status]).toEqual([surface, 403])
        expect(raw).not.toContain('This is forbidden')
      }
      expect(provider.requests.length).toBe(before)
    })

    test('a search finds something and is told nothing private', async () => {
      for (const stream of [false, true]) {
        const messages = [{ role: 'user', content: `What is new with Bun? ${text} ${stream}` }]
        const response = await postJson(`${sluice.v1}/chat/completions`, {
          model: 'box/m:online',
          stream,
          messages,
        })
        expect([response.status, response.headers.get('x-sluice-warnings')]).toEqual([200, null])
        await response.text()
        expect(provider.requests.at(-1)?.body).toContain('Bun 2.0 was released today.')
      }
      expect(searxng.queries.length).toBeGreaterThan(0)
      for (const { body } of provider.requests)
        for (const secret of Object.values(secrets)) expect(body).not.toContain(secret)
      for (const query of searxng.queries)
        for (const secret of Object.values(secrets)) expect(query).not.toContain(secret)
    })

    test('nothing private is in the log', () => {
      for (const secret of Object.values(secrets)) expect(sluice.stdout()).not.toContain(secret)
    })
  },
)
