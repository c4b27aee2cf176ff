import { expect, test } from 'bun:test'
import type { Call, Chunk, Request } from '../../src/chat.ts'
import { parseConfig, type DialectName } from '../../src/config.ts'
import { dialectFor } from '../../src/dialects/dialects.ts'
import { collect } from '../../src/fold.ts'
import { readJson } from '../../src/json.ts'
import { fakeCall } from '../../src/testing.ts'
import { decodeStream } from '../support/decode.ts'
import { fixture } from '../support/fixtures.ts'

/** What each vendor's documentation takes. */
const taken: readonly (readonly [DialectName, RegExp])[] = [
  ['openai', /^[a-zA-Z0-9_-]{1,64}$/],
  ['responses', /^[a-zA-Z0-9_-]{1,64}$/],
  ['anthropic', /^[a-zA-Z0-9_-]{1,128}$/],
  ['gemini', /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/],
]
const names = [
  'mcp.server/get weather',
  'wetter_für_東京',
  `mcp__${'x'.repeat(140)}`,
  '2_days',
  'fine',
]

const providerOf = (dialect: DialectName) =>
  parseConfig(
    JSON.stringify({ providers: { p: { dialect, base_url: 'http://127.0.0.1:1/v1' } } }),
    {
      file: 'c',
      directory: '/',
      env: {},
    },
  ).providers.get('p')!

/** A turn after a call of the tool, from a client of Ollama's format, which no dialect speaks. */
const callWith = (name: string): Call => {
  const request: Request = {
    model: 'm',
    stream: true,
    max_tokens: 100,
    messages: [
      { role: 'user', content: 'Weather?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name, arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'call_1', content: 'sunny' },
    ],
    tools: [{ type: 'function', function: { name, parameters: { type: 'object' } } }],
    tool_choice: { type: 'function', function: { name } },
  }
  const json = readJson('{"model":"m"}', { max_depth: 64, max_keys: 100 })
  return fakeCall({}, { request, source: { format: 'ollama', json, request } })
}

const namesIn = (chunk: Chunk | undefined) =>
  chunk?.choices?.[0]?.delta?.tool_calls?.map((call) => call.function?.name)

for (const [name, rule] of taken)
  for (const tool of names)
    test(`${name}: the tool "${tool.slice(0, 24)}" goes out by a name that is taken and comes back by its own`, async () => {
      const provider = providerOf(name)
      const call = callWith(tool)
      const dialect = dialectFor(provider, call)!
      const { body } = dialect.encode(call, { provider: 'p', model: 'm' }, provider)
      const written = JSON.stringify(JSON.parse(body as string))
      const found = [...written.matchAll(/"name":"([^"]*)"/g)].map(([, found]) => found!)
      expect(found.length).toBeGreaterThan(0)
      expect(new Set(found).size).toBe(1)
      expect(found[0]).toMatch(rule)
      if (tool === 'fine') expect(found[0]).toBe(tool)

      const { json = '', sse = '' } = fixture(name as 'openai', 'tool')
      const answered = (text: string) => text.replaceAll('get_weather', found[0]!)
      expect(namesIn(dialect.decodeWhole(answered(json), call, provider).chunks[0])).toEqual([tool])
      const reads = (async function* () {
        yield new TextEncoder().encode(answered(sse))
      })()
      const batches = decodeStream(dialect, reads, { event: 1e6 }, call, provider)
      const chunks = (async function* () {
        for await (const batch of batches) yield* batch.chunks
      })()
      expect(namesIn(await collect(chunks))).toEqual([tool])
    })
