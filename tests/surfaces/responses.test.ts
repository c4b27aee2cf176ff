import { decodeStream } from '../support/decode.ts'
import { describe, expect, test } from 'bun:test'
import type { Chunk, Request } from '../../src/chat.ts'
import { asOurs, asWritten } from '../../src/dialects/responses/body.ts'
import { responses as dialect } from '../../src/dialects/responses.ts'
import { GatewayError } from '../../src/errors.ts'
import { fold } from '../../src/fold.ts'
import { flatName, nestedNames } from '../../src/formats/responses/names.ts'
import { readJson } from '../../src/json.ts'
import { keptOf, lastWords } from '../../src/kept.ts'
import { responses, responsesTokens } from '../../src/surfaces/responses.ts'
import { fakeCall } from '../../src/testing.ts'
import { mapTexts } from '../../src/text/request.ts'
import { dialects, fixture, scenarios } from '../support/fixtures.ts'
import { createRandom, type Random } from '../support/random.ts'
import { bodies } from '../support/responses-bodies.ts'
import { eventsIn, judge, mistakesIn } from '../support/responses-grammar.ts'
import { openai } from '../../src/dialects/openai.ts'
import { anthropic } from '../../src/dialects/anthropic.ts'
import { gemini } from '../../src/dialects/gemini.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'

const limits = { max_depth: 64, max_keys: 20_000 }
const place: any = {
  headers: new Headers(),
  query: new URLSearchParams(),
  memory: { get: () => undefined, set: () => undefined, delete: () => false },
}

const decode = (body: object): Request => responses.decode!(body as Record<string, unknown>, place)

const wireFor = (body: object) => {
  const json = readJson(JSON.stringify(body), limits)
  const request = decode(json.value)
  const call = fakeCall({}, { request, source: { format: 'responses', json, request } })
  return { id: 'gen-1', requestId: 'req_1', codes: 'name' as const, model: 'asked', call }
}

/** An item of every sort that clients send. */
const anyItem = (dice: Random): object => {
  const id = `x_${Math.floor(dice() * 1e6)}`
  const text = dice.pick(['Hi', '漢', '', '"\\', '👩🏽‍🚀'])
  const said = { type: 'output_text', text, annotations: [], logprobs: [] }
  return dice.pick<object>([
    { role: 'user', content: text },
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text }] },
    {
      role: 'user',
      content: [
        { type: 'input_image', image_url: 'https://a.b/c.png' },
        { type: 'input_text', text },
      ],
    },
    { role: 'assistant', content: text },
    { type: 'message', role: 'assistant', id, status: 'completed', content: [said] },
    { type: 'message', role: 'assistant', id, content: [said, { type: 'refusal', refusal: text }] },
    { type: 'message', role: 'assistant', id, content: [] },
    { type: 'reasoning', id, summary: [], encrypted_content: 'abc' },
    {
      type: 'reasoning',
      id,
      summary: [{ type: 'summary_text', text: 'So.' }],
      encrypted_content: null,
    },
    { type: 'function_call', id, call_id: id, name: 'f', arguments: '{}' },
    {
      type: 'function_call',
      call_id: id,
      namespace: 'n',
      name: 'f',
      arguments: '{"a":1}',
      status: 'completed',
    },
    { type: 'custom_tool_call', call_id: id, name: 'p', input: text },
    { type: 'function_call_output', call_id: id, output: text },
    { type: 'function_call_output', id, call_id: id, output: [{ type: 'input_text', text }] },
    { type: 'custom_tool_call_output', call_id: id, output: text },
    { type: 'web_search_call', id, status: 'completed', action: { type: 'search' } },
    {
      type: 'local_shell_call',
      id,
      call_id: id,
      status: 'completed',
      action: { type: 'exec', command: [text] },
    },
    { type: 'local_shell_call_output', id, output: text },
    { type: 'shell_call', call_id: id, action: { commands: [text], timeout_ms: null } },
    {
      type: 'shell_call_output',
      call_id: id,
      output: [{ stdout: text, stderr: '', outcome: { type: 'exit', exit_code: 0 } }],
    },
    {
      type: 'apply_patch_call',
      call_id: id,
      status: 'completed',
      operation: { type: 'update_file', path: 'a', diff: text },
    },
    { type: 'apply_patch_call_output', call_id: id, status: 'completed', output: text },
    { type: 'compaction', id, encrypted_content: 'z' },
    { type: 'item_reference', id },
  ])
}

test('any items are said again as they were understood, also when a plugin copied or changed them', () => {
  for (let seed = 1; seed <= 3_000; seed++) {
    const dice = createRandom(seed)
    const input = Array.from({ length: Math.floor(dice() * 9) }, () => anyItem(dice))
    const request = decode({ model: 'm', input })
    expect([seed, asWritten(request).input]).toEqual([seed, input])
    const mark = (text: string) => text.replace(/^Hi$|"Hi"/, (one) => one.replace('Hi', 'Changed'))
    const changed = JSON.stringify(asWritten(mapTexts(request, mark)).input)
    expect([seed, changed]).toEqual([seed, JSON.stringify(input).replaceAll('"Hi"', '"Changed"')])
  }
})

test('any items become a request of another maker that OpenAI’s document allows', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const dice = createRandom(seed)
    const input = Array.from({ length: 1 + Math.floor(dice() * 9) }, () => anyItem(dice))
    // as a plugin hands on what it has read and written anew
    const request = JSON.parse(JSON.stringify(decode({ model: 'm', input })))
    const body = asOurs(request, 'gpt-5.2', () => undefined)
    expect([seed, judge('CreateResponse')(body)]).toEqual([seed, undefined])
  }
})

test.each(Object.entries(bodies))('%s is valid, and stays so in our own words', (_name, body) => {
  const request = JSON.parse(JSON.stringify(decode(body)))
  const warnings: string[] = []
  const ours = asOurs(request, 'gpt-5.2', (warning) => warnings.push(warning))
  // neither sounds nor holograms are in OpenAI's document, which knows them only as content of chat
  if (JSON.stringify(body).includes('hologram')) return
  expect(judge('CreateResponse')(ours)).toBeUndefined()
})

describe('what is no request', () => {
  test.each([
    ['background', true],
    ['conversation', 'conv_1'],
    ['conversation', { id: 'conv_1' }],
    ['previous_response_id', `resp_${'0'.repeat(32)}`],
  ])('%s is refused by name', (param, value) => {
    let thrown: unknown
    try {
      decode({ model: 'm', input: 'Hi', [param]: value })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(GatewayError)
    expect((thrown as GatewayError).details.param).toBe(param)
    expect((thrown as GatewayError).status).toBe(400)
  })

  test('nonsense within items does no harm', () => {
    for (const input of [
      [{ type: 'message', role: 'user', content: 5 }],
      [{ type: 'function_call' }],
      [{ type: 'reasoning' }],
      [{ type: 'reasoning', summary: 'x', content: {}, encrypted_content: 'SluiceSealV1###' }],
      [{}],
      [{ role: 'user', content: [null, 7, { type: 'input_image' }] }],
      [{ type: 'function_call_output', output: null }],
    ])
      expect(() => decode({ model: 'm', input })).not.toThrow()
  })
})

test('names in a namespace are flat for others, short enough, and told apart', () => {
  expect(flatName('mcp__files', 'read')).toBe('mcp__files__read')
  expect(flatName(undefined, 'read')).toBe('read')
  const long = 'n'.repeat(60)
  const one = flatName(long, 'read')
  expect(one).toHaveLength(64)
  expect(one).not.toBe(flatName(long, 'write'))
  const tools = [{ type: 'namespace', name: long, tools: [{ type: 'function', name: 'read' }] }]
  expect(nestedNames(tools).get(one)).toEqual({ namespace: long, name: 'read' })
})

const providers: Readonly<Record<string, Dialect>> = {
  openai,
  anthropic,
  gemini,
  responses: dialect,
}

const streamed = async (from: Dialect, sse: string, wire: ReturnType<typeof wireFor>) => {
  async function* reads() {
    yield new TextEncoder().encode(sse)
  }
  const chunks: Chunk[] = []
  for await (const batch of decodeStream(from, reads(), { event: 1e7 }, wire.call))
    chunks.push(...batch.chunks)
  return chunks
}

const asked = {
  model: 'asked',
  input: 'Hi',
  stream: true,
  tools: [
    { type: 'function', name: 'get_weather', parameters: { type: 'object' } },
    { type: 'custom', name: 'apply_patch' },
  ],
}

/** What a chunk says, without ids and numbers of our making. */
const meaning = (chunk: Chunk): any => {
  const { delta, finish_reason, logprobs }: any = chunk.choices![0]
  return {
    content: delta.content || null,
    reasoning: delta.reasoning || undefined,
    reasoning_details: delta.reasoning_details?.filter(
      ({ signature, data }: any) => signature ?? data,
    ),
    refusal: delta.refusal || undefined,
    tool_calls: delta.tool_calls?.map(({ index: _i, ...call }: any) => call),
    citations: (delta.annotations ?? []).map(({ url_citation: cited }: any) => [
      cited?.url,
      cited?.start_index ?? 0,
    ]),
    images: delta.images?.map(({ image_url }: any) => image_url),
    tokens: logprobs?.content?.map(({ token }: any) => token),
    finish_reason,
  }
}

const pairs = dialects.flatMap((name) =>
  scenarios[name].map((scenario) => [name, scenario] as const),
)

describe.each(pairs)('%s’s %s', (name, scenario) => {
  const { sse, json } = fixture(name, scenario)
  const from = providers[name]!

  test('keeps its meaning through our events, and through those once more', async () => {
    const wire = wireFor(asked)
    const chunks = await streamed(from, sse, wire)
    // a copy knows no words: all is written by us
    const writer = responses.events!(wire)
    const raw =
      chunks.map((chunk) => String(writer.batch({ chunks: [{ ...chunk }] }))).join('') +
      writer.end()
    const events = eventsIn(raw)
    expect(mistakesIn(events)).toEqual([])
    const again = (await streamed(dialect, raw, wireFor(asked))).reduce(fold)
    const before = meaning(chunks.reduce(fold))
    const after = meaning(again)
    // OpenAI's own finish of a filter or a refusal is the same; what stands between thoughts may not be
    expect({ ...after, reasoning: after.reasoning?.replaceAll('\n\n', '') }).toEqual({
      ...before,
      reasoning: before.reasoning?.replaceAll('\n\n', ''),
    })
  })

  test('is the same whole as streamed', async () => {
    const wire = wireFor({ ...asked, stream: false })
    const [chunk] = from.decodeWhole(json, wire.call).chunks
    const body = JSON.parse(responses.whole({ ...chunk! }, wire))
    expect(judge('Response')(body)).toBeUndefined()
    const back = dialect.decodeWhole(JSON.stringify(body), fakeCall()).chunks[0]!
    const after = meaning(back)
    const before = meaning(chunk!)
    expect({ ...after, reasoning: after.reasoning?.replaceAll('\n\n', '') }).toEqual({
      ...before,
      reasoning: before.reasoning?.replaceAll('\n\n', ''),
    })
  })
})

test('a provider’s stream that breaks off fails as what it was', async () => {
  const wire = wireFor(asked)
  const { sse } = fixture('responses', 'text_and_tool')
  const chunks = await streamed(dialect, sse, wire)
  for (let at = 0; at < chunks.length - 1; at++) {
    const writer = responses.events!(wire)
    const raw =
      chunks
        .slice(0, at)
        .map((chunk) => String(writer.batch({ chunks: [chunk] })))
        .join('') + writer.error(new GatewayError('upstream_disconnected'))
    const events = eventsIn(raw)
    expect(mistakesIn(events, { schema: false })).toEqual([])
    expect(events.at(-1)).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error' } },
    })
    if (at > 0) expect(events.at(-1).response.id).toBe(events[0].response.id)
  }
})

test('a provider’s whole body with a changed usage differs in that', () => {
  const wire = wireFor({ ...asked, stream: false })
  const { json } = fixture('responses', 'server_tool')
  const [chunk] = dialect.decodeWhole(json, wire.call).chunks
  wire.call.vars.set(lastWords, keptOf(chunk!))
  const changed = { ...chunk!, usage: { ...chunk!.usage!, cost: 0.5 } }
  const before = JSON.parse(json)
  expect(JSON.parse(responses.whole(changed, wire))).toEqual({
    ...before,
    usage: { ...before.usage, cost: 0.5 },
  })
})

test('a count of tokens is told in this format, the provider’s own or ours', () => {
  const { call } = wireFor({ model: 'm', input: 'Hi' })
  const wire = { id: 'gen-1', requestId: 'req_1', codes: 'name' as const, call }
  expect(
    JSON.parse(responsesTokens.whole({ data: [{ tokens: 7, estimated: true }] }, wire)),
  ).toEqual({
    object: 'response.input_tokens',
    input_tokens: 7,
  })
})
