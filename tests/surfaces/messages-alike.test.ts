import { describe, expect, test } from 'bun:test'
import type { Call, Request } from '../../src/chat.ts'
import { anthropic } from '../../src/dialects/anthropic.ts'
import { readJson } from '../../src/json.ts'
import { Vars } from '../../src/pipeline.ts'
import { messages } from '../../src/surfaces/messages.ts'
import { mapTexts, textsOf } from '../../src/text/request.ts'
import { seal } from '../../src/formats/envelope.ts'
import { createRandom } from '../support/random.ts'
import { corpus, claudeCode, everything } from './messages-corpus.ts'

const provider = (quirks = {}) =>
  ({ name: 'p', quirks, headers: {}, max_output_tokens: {} }) as never
const endpoint = { provider: 'p', model: 'claude-new-9' }

const callOf = (text: string, headers: Record<string, string> = {}): Call => {
  const json = readJson(text, { max_depth: 64, max_keys: 100_000 })
  const request = messages.decode!(json.value, { headers: new Headers(headers) } as never)
  return {
    id: 'gen-1',
    operation: 'chat',
    request,
    source: { format: 'anthropic', json, request },
    headers: new Headers(headers),
    address: () => '',
    signal: new AbortController().signal,
    vars: new Vars(),
  }
}

const send = (call: Call, request: Request = call.request): string =>
  anthropic.encode({ ...call, request }, endpoint, provider()).body as string

const renamed = (text: string): string =>
  text.replace(/("model"\s*:\s*)"[^"]*"/, '$1"claude-new-9"')

describe.each(Object.entries(corpus))('%s', (_name, text) => {
  const call = callOf(text)

  test('goes out byte for byte but for the model', () => {
    expect(send(call)).toBe(renamed(text))
  })

  test('goes out the same when a plugin copied everything and changed nothing', () => {
    expect(send(call, structuredCloneWithSymbols(call.request))).toBe(renamed(text))
  })

  test('changes only the string that a plugin changed', () => {
    const value = renamed(text)
    const texts = [...new Set(textsOf(call.request))].filter((one) => one.length > 0)
    for (const one of texts) {
      if (one.startsWith('{')) continue
      const written = [JSON.stringify(one), escapedJson(one)].filter(
        (candidate) => value.split(candidate).length > 1,
      )
      const [literal] = written
      if (literal === undefined) continue
      const next = `${one} [changed]`
      const mapped = mapTexts(call.request, (given) => (given === one ? next : given))
      const sent = send(call, mapped)
      const wanted = value.split(literal).join(JSON.stringify(next))
      if (sent !== wanted && !Bun.deepEquals(JSON.parse(sent), JSON.parse(wanted)))
        throw new Error(`${one.slice(0, 60)}\n${firstDifference(sent, wanted)}`)
      // all around the string stays as it was written
      const [before] = value.split(literal)
      expect(sent.startsWith(before!)).toBe(true)
    }
  })

  test('keeps all else when a message is added', () => {
    const added = { role: 'user', content: 'One more thing.' }
    const sent = send(call, { ...call.request, messages: [...call.request.messages!, added] })
    const wanted = JSON.parse(renamed(text))
    expect(JSON.parse(sent)).toEqual({ ...wanted, messages: [...wanted.messages, added] })
    const prefix = renamed(text).lastIndexOf(']')
    expect(commonPrefix(sent, renamed(text))).toBeGreaterThan(Math.min(prefix, 64) - 64)
  })

  test('keeps all else when a system prompt is added in front', () => {
    const system = { role: 'system', content: 'Obey.' }
    const sent = JSON.parse(
      send(call, { ...call.request, messages: [system, ...call.request.messages!] }),
    )
    const wanted = JSON.parse(renamed(text))
    const { system: before } = wanted
    const blocks =
      typeof before === 'string' ? (before ? [{ type: 'text', text: before }] : []) : (before ?? [])
    const { system: after, ...rest } = sent
    const { system: _gone, ...all } = wanted
    expect(rest).toEqual(all)
    const texts = (list: any) =>
      typeof list === 'string' ? [list] : list.map((block: any) => block.text)
    expect(texts(after)).toEqual(['Obey.', ...texts(blocks)])
  })
})

/** A deep copy that keeps marks, as spreads do. */
function structuredCloneWithSymbols<T>(value: T): T {
  if (Array.isArray(value)) return value.map(structuredCloneWithSymbols) as T
  if (typeof value !== 'object' || value === null) return value
  const copy: any = {}
  for (const key of Reflect.ownKeys(value))
    copy[key] =
      typeof key === 'symbol'
        ? Reflect.get(value, key)
        : structuredCloneWithSymbols(Reflect.get(value, key))
  return copy
}

const escapedJson = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const commonPrefix = (one: string, other: string): number => {
  let at = 0
  while (at < one.length && one[at] === other[at]) at++
  return at
}

const firstDifference = (one: string, other: string): string => {
  const at = commonPrefix(one, other)
  return `${one.slice(at - 60, at + 120)}\n${other.slice(at - 60, at + 120)}`
}

test('any body that the API takes goes out as it came, and a changed text changes that text', () => {
  const palette = (everything.messages as any[]).flatMap(({ role, content }) =>
    content.map((block: any) => [role, block]),
  )
  for (let seed = 1; seed <= 1_500; seed++) {
    const random = createRandom(seed)
    let mark = 0
    const fresh = (block: any): any =>
      JSON.parse(JSON.stringify(block), (key, value) =>
        typeof value === 'string' && ['text', 'thinking', 'two words'].includes(key)
          ? `T${seed}.${mark++} ${random.pick(['', 'ä"\\\n', value])}`
          : value,
      )
    const turns = Array.from({ length: 1 + Math.floor(random() * 5) }, () => {
      const role = random.pick(['user', 'assistant', 'system'])
      if (random() < 0.3) return { role, content: fresh({ text: 'x' }).text }
      const blocks = Array.from({ length: Math.floor(random() * 5) }, () =>
        fresh(random.pick(palette.filter(([of]) => role !== 'system' || of === 'system'))[1]),
      )
      return { role, content: blocks }
    })
    const body = {
      model: 'm',
      ...(random() < 0.5 && {
        system: random.pick<unknown>([
          fresh({ text: 's' }).text,
          [fresh({ type: 'text', text: 's' })],
        ]),
      }),
      max_tokens: 9,
      messages: turns,
    }
    const text = JSON.stringify(body, null, random.pick([0, 1]))
    const call = callOf(text)
    try {
      expect(send(call)).toBe(renamed(text))
      expect(send(call, structuredCloneWithSymbols(call.request))).toBe(renamed(text))
      const texts = [...new Set(textsOf(call.request))].filter((one) => one.startsWith(`T${seed}.`))
      if (texts.length === 0) continue
      const one = random.pick(texts)
      const mapped = mapTexts(call.request, (given) => (given === one ? 'changed' : given))
      const sent = send(call, mapped)
      const wanted = renamed(text).replace(JSON.stringify(one), '"changed"')
      // a thought’s text is signed: what a plugin makes of the readable copy of it changes nothing
      expect([wanted, renamed(text)]).toContain(sent)
      if (sent !== wanted)
        expect(text).toContain(
          `"thinking":${' '.repeat(text.includes('": ') ? 1 : 0)}${JSON.stringify(one)}`,
        )
    } catch (error) {
      throw new Error(`seed ${seed}: ${error}`, { cause: error })
    }
  }
})

test('the body of a real agent is long', () => {
  expect(corpus.claudeCode!.length).toBeGreaterThan(48_000)
})

test('fields that speak to the router stay here', () => {
  const body = {
    ...claudeCode,
    models: ['b/c'],
    provider: { sort: 'price' },
    plugins: [],
    fallbacks: undefined,
  }
  expect(JSON.parse(send(callOf(JSON.stringify(body))))).toEqual({
    ...claudeCode,
    model: 'claude-new-9',
  })
})

test('fallbacks are models to try, and Anthropic’s own with their beta', () => {
  const body = JSON.stringify({ ...claudeCode, fallbacks: [{ model: 'x/y', max_tokens: 5 }] })
  const ours = callOf(body)
  expect(ours.request.models).toEqual(['x/y'])
  expect(JSON.parse(send(ours)).fallbacks).toBeUndefined()
  const theirs = callOf(body, { 'anthropic-beta': 'server-side-fallback-2026-06-01' })
  expect(theirs.request.models).toBeUndefined()
  expect(JSON.parse(send(theirs)).fallbacks).toEqual([{ model: 'x/y', max_tokens: 5 }])
})

test('the client’s version goes on, the usual one without it', () => {
  const versionOf = (headers: Record<string, string>) =>
    anthropic.encode(callOf(corpus.plain!, headers), endpoint, provider()).headers
  expect(versionOf({ 'anthropic-version': '2026-10-21' })).toEqual({
    'anthropic-version': '2026-10-21',
  })
  expect(versionOf({})).toEqual({ 'anthropic-version': '2023-06-01' })
  expect(versionOf({ 'anthropic-version': 'x\r\ny'.replace('\r\n', '') })).toEqual({
    'anthropic-version': '2023-06-01',
  })
})

test('what a plugin adds that the client’s version refuses is left out', () => {
  const sent = (version: string) => {
    const call = callOf(corpus.plain!, { 'anthropic-version': version })
    return JSON.parse(send(call, { ...call.request, temperature: 0.5, top_k: 3, stop: ['x'] }))
  }
  expect(sent('2023-06-01')).toMatchObject({ temperature: 0.5, top_k: 3, stop_sequences: ['x'] })
  expect(Object.keys(sent('2026-10-21')).toSorted()).toEqual([
    'max_tokens',
    'messages',
    'model',
    'stop_sequences',
  ])
})

test('a missing max_tokens is filled, and nothing else', () => {
  const text = '{"model":"m","messages":[{"role":"user","content":"hi"}]}'
  const sent = JSON.parse(send(callOf(text)))
  expect(sent).toEqual({ ...JSON.parse(text), model: 'claude-new-9', max_tokens: 128_000 })
})

test('what another vendor thought or cited is taken out, and nothing else', () => {
  const foreign = seal([
    { type: 'reasoning.encrypted', data: 'gAAA', format: 'openai-responses-v1' },
  ])
  const kept = { type: 'thinking', thinking: 'mine', signature: 'real' }
  const cites = [
    {
      type: 'web_search_result_location',
      url: 'u',
      title: null,
      cited_text: '',
      encrypted_index: seal([]),
    },
  ]
  const body = (extra: boolean) => ({
    ...everything,
    messages: [
      { role: 'user', content: 'q' },
      {
        role: 'assistant',
        content: [
          ...(extra ? [{ type: 'redacted_thinking', data: foreign }] : []),
          ...(extra ? [{ type: 'thinking', thinking: 'read me', signature: foreign }] : []),
          kept,
          { type: 'text', text: 'a', ...(extra && { citations: cites }) },
          { type: 'hologram', depth: 1 },
        ],
      },
      { role: 'user', content: 'r' },
    ],
  })
  const call = callOf(JSON.stringify(body(true)))
  expect(call.request.messages![2]!.reasoning_details).toHaveLength(3)
  expect(JSON.parse(send(call))).toEqual({ ...body(false), model: 'claude-new-9' })
})

test('quirks hold for a body that is only passed on', () => {
  const call = callOf(corpus.everything!)
  const quirks = {
    drop: ['container'],
    force: { service_tier: 'auto' },
    clamp: { temperature: [0.5, 1] },
  }
  const { body } = anthropic.encode(call, endpoint, provider(quirks))
  const { container: _gone, ...rest } = everything
  expect(JSON.parse(body as string)).toEqual({
    ...rest,
    model: 'claude-new-9',
    service_tier: 'auto',
    temperature: 0.5,
  })
})

test('on Vertex the model stands in the address', () => {
  const call = callOf(corpus.plain!)
  const sent = anthropic.encode(call, endpoint, provider({ vertex: true }))
  expect(sent.path).toBe('/models/claude-new-9:rawPredict')
  expect(sent.headers).toBeUndefined()
  const body = JSON.parse(sent.body as string)
  expect(body.model).toBeUndefined()
  expect(body.anthropic_version).toBe('vertex-2023-10-16')
})
