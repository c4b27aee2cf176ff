import { decodeStream } from '../support/decode.ts'
import { describe, expect, test } from 'bun:test'
import { lastWords } from '../../src/kept.ts'
import type { Call, Chunk } from '../../src/chat.ts'
import { gemini } from '../../src/dialects/gemini.ts'
import { openai } from '../../src/dialects/openai.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { GatewayError } from '../../src/errors.ts'
import { fold } from '../../src/fold.ts'
import { open } from '../../src/formats/envelope.ts'
import { readJson } from '../../src/json.ts'
import type { Batch } from '../../src/stream.ts'
import { geminiChat } from '../../src/surfaces/gemini.ts'
import type { Wire } from '../../src/surfaces/surface.ts'
import { fakeCall } from '../../src/testing.ts'
import { mapText } from '../../src/text/answer.ts'
import { meterStream, meterWhole } from '../../src/upstream/meter.ts'
import { fixture, scenarios, shared, type Scenario } from '../support/fixtures.ts'
import { createRandom } from '../support/random.ts'

const encoder = new TextEncoder()
const memory = { get: () => undefined, set: () => {}, delete: () => false }
const limits = { event: 1 << 20 }
const endpoint = { provider: 'p', model: 'm' }

/** A call of a Gemini client that wants to see thoughts. */
const asked = (more: object = {}, stream = true): Call => {
  const body = {
    contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
    generationConfig: { thinkingConfig: { includeThoughts: true } },
    ...more,
  }
  const json = readJson(JSON.stringify(body), { max_depth: 99, max_keys: 999 })
  const place = placeFor('sse', stream)
  const request = geminiChat.decode!(json.value, place)
  return fakeCall({}, { request, source: { format: 'gemini', json, request } })
}

const placeFor = (alt: string, stream = true) => ({
  headers: new Headers(),
  query: new URLSearchParams(alt && `alt=${alt}`),
  memory,
  model: 'm',
  method: stream ? 'streamGenerateContent' : 'generateContent',
})

const wireFor = (call: Call, alt = 'sse'): Wire => ({
  id: 'gen-1',
  requestId: 'req_1',
  codes: 'name',
  model: 'm',
  call,
  place: placeFor(alt),
})

async function* pieces(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

const metered = (dialect: Dialect, reads: readonly Uint8Array[], call: Call) =>
  meterStream(decodeStream(dialect, pieces(reads), limits, call), call, endpoint, () => {}, {
    alike: dialect === gemini,
  })

const text = (out: string | Uint8Array): string =>
  typeof out === 'string' ? out : new TextDecoder().decode(out)

const written = async (batches: AsyncIterable<Batch>, wire: Wire): Promise<string> => {
  const writer = geminiChat.events!(wire)
  let out = ''
  for await (const batch of batches) out += text(writer.batch(batch))
  return out + writer.end()
}

const eventsOf = (sse: string): any[] =>
  sse
    .split(/\r?\n\r?\n/)
    .filter((event) => event.startsWith('data: '))
    .map((event) => JSON.parse(event.slice('data: '.length)))

const partsOf = (events: readonly any[], index = 0): any[] =>
  events.flatMap(({ candidates = [] }) =>
    candidates
      .filter((one: any) => (one.index ?? 0) === index)
      .flatMap(({ content }: any) => content?.parts ?? []),
  )

/** The grammar of a stream: one finish a candidate, at its end, with the usage; calls whole; nothing but known fields. */
const check = (events: readonly any[], candidates = 1): void => {
  const finished = new Set<number>()
  expect(events.length).toBeGreaterThan(0)
  events.forEach((event, at) => {
    expect(event.responseId).toBeString()
    expect(event.modelVersion).toBeString()
    expect(event.candidates.length).toBeGreaterThan(0)
    for (const one of event.candidates) {
      expect(one.content.role).toBe('model')
      expect(one.content.parts.length).toBeGreaterThan(0)
      expect(finished.has(one.index)).toBe(false)
      if (one.finishReason) finished.add(one.index)
      for (const part of one.content.parts) {
        const data = ['text', 'functionCall', 'inlineData', 'fileData'].filter((f) => f in part)
        expect(data).toHaveLength(1)
        if (part.functionCall) {
          expect(part.functionCall.name).toBeString()
          expect(part.functionCall.args).toBeObject()
        }
      }
    }
    if (event.usageMetadata) expect(at).toBe(events.length - 1)
  })
  expect(finished.size).toBe(candidates)
}

describe.each(scenarios.gemini.map((name) => [name]))('Gemini’s own %s', (name) => {
  const { sse, json } = fixture('gemini', name as Scenario)
  const bytes = encoder.encode(sse)

  test('passes byte for byte, cut anywhere', async () => {
    for (let at = 1; at < bytes.length; at += 7) {
      const call = asked()
      const reads = [bytes.subarray(0, at), bytes.subarray(at)]
      const out = await written(metered(gemini, reads, call), wireFor(call))
      expect(out.replaceAll('\r', '')).toBe(sse.replaceAll('\r', ''))
    }
    const call = asked()
    const reads = sse.match(/[^]+?\r\n\r\n/g)!.map((event) => encoder.encode(event))
    expect(await written(metered(gemini, reads, call), wireFor(call))).toBe(sse)
  })

  test('passes as one list where none asked for events', async () => {
    const call = asked()
    const out = await written(metered(gemini, [bytes], call), wireFor(call, ''))
    expect(JSON.parse(out)).toEqual(eventsOf(sse))
  })

  test('passes whole', () => {
    const call = asked({}, false)
    const [chunk] = meterWhole(gemini.decodeWhole(json, call), call, endpoint, {
      alike: true,
    }).chunks
    expect(geminiChat.whole(chunk!, wireFor(call))).toBe(json)
  })

  test('with a plugin that looks at all and changes nothing, says the same', async () => {
    const call = asked()
    const chunks: Chunk[] = []
    for await (const batch of metered(gemini, [bytes], call)) chunks.push(...batch.chunks)
    const copies = chunks.map((chunk) => ({
      ...chunk,
      choices: chunk.choices?.map((one) => ({ ...one })) ?? [],
    }))
    const batches = (async function* () {
      for (const chunk of copies) yield { chunks: [chunk] }
    })()
    const out = eventsOf(await written(batches, wireFor(call)))
    const join = (parts: any[]) => parts.filter((part) => !part.novelPart && part.text !== '')
    expect(join(partsOf(out))).toEqual(join(partsOf(eventsOf(sse))))
    expect(out.at(-1)).toEqual(eventsOf(sse).at(-1))
  })
})

test('a plugin’s change to the last event keeps all else that it says', async () => {
  const { sse } = fixture('gemini', 'citations')
  const call = asked()
  const chunks = async function* () {
    for await (const batch of metered(gemini, [encoder.encode(sse)], call)) yield* batch.chunks
  }
  let held = ''
  const mapped = mapText(chunks(), () => ({
    push: (one) => {
      held += one
      return ''
    },
    end: () => held.replace('Zürich', 'Genf'),
  }))
  const batches = (async function* () {
    for await (const chunk of mapped) yield { chunks: [chunk] }
  })()
  const out = eventsOf(await written(batches, wireFor(call)))
  const last = eventsOf(sse).at(-1)
  expect(out.at(-1).candidates[0].groundingMetadata).toEqual(last.candidates[0].groundingMetadata)
  expect(out.at(-1).usageMetadata).toEqual(last.usageMetadata)
  expect(
    partsOf(out)
      .map((part) => part.text)
      .join(''),
  ).toStartWith('Ja: Genf zählt')
})

test.each(['tool', 'text_and_tool', 'parallel'] as const)(
  'what a plugin holds back of the calls in %s is there when they are told, once',
  async (name) => {
    const { sse } = fixture('gemini', name)
    const call = asked()
    const chunks = async function* () {
      for await (const batch of metered(gemini, [encoder.encode(sse)], call)) yield* batch.chunks
    }
    const mapped = mapText(chunks(), () => {
      let held = ''
      return {
        push(one) {
          const known = held + one
          held = known.slice(-3)
          return known.slice(0, -3)
        },
        end: () => held,
      }
    })
    const batches = (async function* () {
      for await (const chunk of mapped) yield { chunks: [chunk] }
    })()
    const calls = (events: any[]) =>
      partsOf(events).flatMap(({ functionCall, thoughtSignature }) =>
        functionCall ? [{ ...functionCall, thoughtSignature }] : [],
      )
    const out = eventsOf(await written(batches, wireFor(call)))
    expect(calls(out)).toEqual(calls(eventsOf(sse)))
  },
)

test('an answer without choices has a candidate, one with more than were asked for no others', async () => {
  const chunk = { id: 'x', object: 'chat.completion', model: 'm' }
  const one = { index: 0, delta: { content: 'a' }, finish_reason: 'stop' }
  const other = { ...one, index: 1 }
  const wire = wireFor(asked({}, false))
  const whole = (choices: any[]) => JSON.parse(geminiChat.whole({ ...chunk, choices }, wire))
  expect(whole([]).candidates).toEqual([
    { content: { parts: [{ text: '' }], role: 'model' }, finishReason: 'STOP', index: 0 },
  ])
  expect(whole([one, other]).candidates).toHaveLength(1)
  const batches = (async function* () {
    yield { chunks: [{ ...chunk, choices: [one, other] }] }
  })()
  check(eventsOf(await written(batches, wireFor(asked()))))
})

test('a plugin’s change to a whole answer changes that text alone', () => {
  const { json } = fixture('gemini', 'unknown')
  const call = asked({}, false)
  const [chunk] = meterWhole(gemini.decodeWhole(json, call), call, endpoint, { alike: true }).chunks
  expect(call.vars.get(lastWords)?.whole).toBe(true)
  const [choice] = chunk!.choices!
  const content = String(choice!.delta!.content).replace('known', 'kept')
  const changed = { ...chunk!, choices: [{ ...choice!, delta: { ...choice!.delta, content } }] }
  expect(geminiChat.whole(changed, wireFor(call))).toBe(json.replace('known', 'kept'))
})

describe.each(shared('openai', 'gemini').map((name) => [name]))('OpenAI’s %s', (name) => {
  const scenario = name as Scenario
  const { sse, json } = fixture('openai', scenario)
  const merged = (parts: readonly any[]) => ({
    text: parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join(''),
    thoughts: parts.map((part) => (part.thought ? part.text : '')).join(''),
    calls: parts.flatMap(({ functionCall }) => (functionCall ? [functionCall] : [])),
    images: parts.flatMap(({ inlineData }) => (inlineData ? [inlineData] : [])),
    kept: parts.flatMap(({ thoughtSignature }) => open(thoughtSignature) ?? []),
  })

  test('streams in Gemini’s grammar and says what the whole answer says', async () => {
    const call = asked()
    const batches = metered(openai, [encoder.encode(sse)], call)
    const events = eventsOf(await written(batches, wireFor(call)))
    check(events)
    const [chunk] = meterWhole(openai.decodeWhole(json, call), call, endpoint).chunks
    const whole = JSON.parse(geminiChat.whole(chunk!, wireFor(call)))
    check([whole])
    expect(merged(partsOf(events))).toEqual(merged(partsOf([whole])))
    expect(events.at(-1).usageMetadata).toEqual(whole.usageMetadata)
    expect(events.at(-1).candidates[0].finishReason).toBe(whole.candidates[0].finishReason)
    const details = chunk!.choices?.[0]?.delta?.reasoning_details
    if (details) expect(merged(partsOf(events)).kept).toMatchObject(details as object[])
  })
})

test('any chunks in any order come out in the grammar, and nothing of them is lost', async () => {
  const random = createRandom(7)
  for (let round = 0; round < 400; round++) {
    const said = { content: '', calls: new Map<number, string>() }
    const chunks: Chunk[] = []
    const base = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm' }
    const push = (delta: object, more: object = {}) =>
      chunks.push({
        ...base,
        choices: [{ index: 0, delta, finish_reason: null, ...more }],
      } as Chunk)
    const open = new Map<number, string>()
    for (let step = 0; step < random() * 12; step++) {
      const kind = random.pick(['text', 'think', 'detail', 'call', 'args', 'both', 'nothing'])
      if (kind === 'text' || kind === 'both') said.content += `t${step}`
      if (kind === 'text') push({ content: `t${step}` })
      if (kind === 'think') push({ reasoning: `r${step}` })
      if (kind === 'detail')
        push({
          reasoning_details: [
            {
              type: 'reasoning.encrypted',
              data: `d${step}`,
              index: step,
              format: 'openai-responses-v1',
            },
          ],
        })
      if (kind === 'call' || kind === 'both') {
        const index = open.size
        open.set(index, '')
        said.calls.set(index, `{"n":${step}}`)
        push({
          ...(kind === 'both' && { content: `t${step}`, role: 'assistant' }),
          tool_calls: [
            { index, id: `c${index}`, type: 'function', function: { name: 'f', arguments: '' } },
          ],
        })
      }
      if (kind === 'args' && open.size > 0) {
        const index = random.pick([...open.keys()])
        const wanted = said.calls.get(index)!
        const sent = open.get(index)!
        const piece = wanted.slice(sent.length, sent.length + 1 + Math.floor(random() * 4))
        open.set(index, sent + piece)
        if (piece) push({ tool_calls: [{ index, function: { arguments: piece } }] })
      }
      if (kind === 'nothing') push({})
    }
    for (const [index, sent] of open) {
      const rest = said.calls.get(index)!.slice(sent.length)
      if (rest) push({ tool_calls: [{ index, function: { arguments: rest } }] })
    }
    if (random() < 0.9) push(random() < 0.2 ? { content: '!' } : {}, { finish_reason: 'stop' })
    if (chunks.at(-1)?.choices?.[0]?.delta?.content === '!') said.content += '!'
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }
    if (random() < 0.8) chunks.push({ ...base, choices: [], usage })
    const whole = random() < 0.2 && chunks.length > 0
    const given = whole ? [{ ...chunks.reduce(fold), object: 'chat.completion' }] : chunks
    const batches = (async function* () {
      for (const chunk of given) yield { chunks: [chunk] }
    })()
    const events = eventsOf(await written(batches, wireFor(asked())))
    check(events)
    const parts = partsOf(events)
    expect(parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join('')).toBe(said.content)
    const calls = parts.flatMap(({ functionCall }) => (functionCall ? [functionCall] : []))
    expect(calls.map(({ args }) => JSON.stringify(args)).sort()).toEqual(
      [...said.calls.values()].sort(),
    )
  }
})

test('thoughts are shown to those who asked; what must come back travels anyway', async () => {
  const { sse } = fixture('openai', 'reasoning_tool')
  const call = asked({ generationConfig: {} })
  const events = eventsOf(
    await written(metered(openai, [encoder.encode(sse)], call), wireFor(call)),
  )
  const parts = partsOf(events)
  expect(parts.some(({ thought }) => thought)).toBe(false)
  const [signed] = parts.filter(({ functionCall }) => functionCall)
  expect(open(signed.thoughtSignature)).toMatchObject([{ type: 'reasoning.text' }])
})

test('an error says Google’s status, in a stream as an event and in a list as its last item', () => {
  const error = new GatewayError('rate_limit_exceeded', { retryAfter: 3 })
  const call = asked()
  const one = geminiChat.events!(wireFor(call))
  const [event] = eventsOf(one.error(error))
  expect(event.error).toMatchObject({ code: 429, status: 'RESOURCE_EXHAUSTED' })
  expect(event.error.details.at(-1)).toMatchObject({ retryDelay: '3s' })
  const list = geminiChat.events!(wireFor(call, ''))
  const base = { id: 'x', choices: [{ index: 0, delta: { content: 'a' } }] }
  const out =
    list.silence!() + text(list.batch({ chunks: [base] })) + list.silence!() + list.error(error)
  expect(JSON.parse(out)).toMatchObject([{ candidates: [{}] }, { error: { code: 429 } }])
  expect(JSON.parse(geminiChat.events!(wireFor(call, '')).error(error))).toHaveLength(1)
})
