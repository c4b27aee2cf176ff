import { expect, setDefaultTimeout, test } from 'bun:test'
import {
  expectAnswer,
  expectInBand,
  expectNoFailover,
  expectUsageLast,
} from '../support/expectations.ts'
import { chat, prompt, startLab, type Lab } from '../support/lab.ts'
import type { Exchange, Script } from '../support/provider.ts'
import { recordings, text, toolCalls, usageOf, type Recording } from '../support/recorded.ts'
import {
  answers,
  data,
  endless,
  eventLines,
  replays,
  sendEvents,
  silent,
} from '../support/scripts.ts'
import { coalesced, dieAfter, rewritten, splitAt, splitEvery } from '../support/spoils.ts'
import { until } from '../support/until.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const good = 'One two three four five six.'

/** Streams a good answer's lines after a change to their list. */
const changed =
  (
    change: (lines: string[], exchange: Exchange) => string[],
    recording: Recording = text(good),
  ): Script =>
  (exchange) =>
    sendEvents(change(eventLines(exchange, recording), exchange))(exchange)

const chunk = (choices: unknown, rest: object = {}): string =>
  data({
    id: 'chatcmpl-CBa81tQzYI0nJ8',
    object: 'chat.completion.chunk',
    created: 1757000000,
    model: 'm-2026-08-06',
    choices,
    ...rest,
  })

const delta = (content: string, rest: object = {}): string =>
  chunk([{ index: 0, delta: { content }, finish_reason: null }], rest)

const startTheLab = (): Promise<Lab> =>
  startLab({ server: { heartbeat: '100ms' }, timeouts: { stall: '500ms' } })

test('F31 a stream that breaks off after content ends as an error, whichever way it broke', async () => {
  await using lab = await startTheLab()
  for (const end of ['reset', 'close', 'end'] as const) {
    lab.a.next(dieAfter(4, answers(good), end))
    expectInBand(await lab.chat({ stream: true }), {
      code: 'upstream_disconnected',
      text: 'One two three',
    })
  }
  expectNoFailover(lab)
})

test('F31 under /api/v1 the code of the in-band error is an integer', async () => {
  await using lab = await startTheLab()
  lab.a.next(dieAfter(4, answers(good)))
  const answer = await chat(`${lab.sluice.url}/api/v1`, {
    model: 'm',
    messages: prompt,
    stream: true,
  })
  expect(answer.text).toBe('One two three')
  expect(answer.error).toMatchObject({
    code: 502,
    metadata: { error_type: 'provider_unavailable' },
  })
})

test('F32 a stream that stalls after content is kept warm, then ended as an error, and the upstream let go', async () => {
  await using lab = await startTheLab()
  lab.a.next(dieAfter(4, answers(good), 'stall'))
  const answer = await lab.chat({ stream: true })
  expectInBand(answer, { code: 'upstream_timeout', text: 'One two three' })
  expect(answer.stream?.comments.length).toBeGreaterThan(0)
  await until('the provider sees its request aborted', () => lab.a.requests[0]!.aborted)
  expectNoFailover(lab)
})

const failing = (error: object): Script =>
  changed((lines) => [...lines.slice(0, 3), data({ error })])

test('F33 an error event in mid-stream comes through in-band with its code mapped', async () => {
  const errors = [
    [{ message: 'Overloaded', type: 'overloaded_error', code: 529 }, 'provider_overloaded'],
    [{ message: 'Slow', type: 'tokens', code: 'rate_limit_exceeded' }, 'rate_limit_exceeded'],
    [{ message: 'An error', type: 'server_error', code: null }, 'upstream_error'],
  ] as const
  await using lab = await startLab({ lanes: errors.length })
  for (const [lane, [error, code]] of errors.entries()) {
    lab.a.next(failing(error))
    const answer = await lab.chat({ model: `m${lane}`, stream: true })
    expectInBand(answer, { code, type: error.type, text: 'One two' })
  }
  expectNoFailover(lab)
})

test('F33 an error inside a chunk in mid-stream, as OpenRouter sends it, is an error too', async () => {
  await using lab = await startTheLab()
  const error = { message: 'Provider disconnected', code: 502 }
  const broken = chunk([{ index: 0, delta: { content: '' }, finish_reason: 'error' }], { error })
  lab.a.next(changed((lines) => [...lines.slice(0, 3), broken, 'data: [DONE]\n\n']))
  const answer = await lab.chat({ stream: true })
  expect(answer.stream?.events.filter((event) => event.error)).toHaveLength(1)
  expect(answer.text).toBe('One two')
  expectNoFailover(lab)
})

test('F34 an end without [DONE] but with a finish_reason is a success', async () => {
  await using lab = await startTheLab()
  lab.a.next(changed((lines) => lines.slice(0, -1)))
  const answer = await lab.chat({ stream: true })
  expectAnswer(answer, { text: good, provider: 'a' })
  expect(answer.usage).toMatchObject({ prompt_tokens: 19, completion_tokens: 6 })
  lab.a.next(changed((lines) => lines.slice(0, -2)))
  const uncounted = await lab.chat({ stream: true })
  expectAnswer(uncounted, { text: good, provider: 'a' })
  expect(uncounted.usage.estimated).toBe(true)
})

test('F35 what comes after the first [DONE] is dropped', async () => {
  await using lab = await startTheLab()
  lab.a.next(
    changed((lines) => [
      ...lines,
      delta('late'),
      'data: [DONE]\n\n',
      data({ error: { message: 'late' } }),
    ]),
  )
  expectAnswer(await lab.chat({ stream: true }), { text: good, provider: 'a' })
  lab.a.next(coalesced(changed((lines) => [...lines, delta('late'), 'data: [DONE]\n\n'])))
  expectAnswer(await lab.chat({ stream: true }), { text: good, provider: 'a' })
})

test('F36 a line that is not JSON is never skipped in silence', async () => {
  await using lab = await startTheLab()
  for (const garbled of [
    'data: {"id":"chatcmpl-CBa81tQ\n\n',
    'data: <html>SCRIPTED-PAGE\n\n',
    'data: {}}\n\n',
  ]) {
    lab.a.next(changed((lines) => [...lines.slice(0, 3), garbled, ...lines.slice(3)]))
    expectInBand(await lab.chat({ stream: true }), {
      code: 'upstream_invalid_response',
      text: 'One two',
    })
  }
  expectNoFailover(lab)
})

/** The payloads for a request, streamed without any spoiling. */
const payloadsOf = async (lab: Lab, script: Script): Promise<readonly string[]> => {
  lab.a.next(script)
  const answer = await lab.chat({ model: 'solo', stream: true })
  expect(answer.error).toBeUndefined()
  return answer.stream?.payloads ?? []
}

test('F37 a stream comes out the same wherever the network cuts it', async () => {
  await using lab = await startTheLab()
  const script = replays(text('Grüezi, 世界! 👋🏽', { pieces: ['Grü', 'ezi, 世', '界! 👋🏽'] }))
  const plain = await payloadsOf(lab, script)
  const length = new TextEncoder().encode(lab.a.requests[0]!.sent).length
  for (let from = 1; from < length; from += 16) {
    const cuts = Array.from({ length: Math.min(16, length - from) }, (_, at) => from + at)
    const results = await Promise.all(cuts.map((cut) => payloadsOf(lab, splitAt(cut, script))))
    for (const result of results) expect(result).toEqual(plain)
  }
  const pieces = await Promise.all(
    [1, 2, 3, 7].map((bytes) => payloadsOf(lab, splitEvery(bytes, script))),
  )
  for (const result of pieces) expect(result).toEqual(plain)
  expect(await payloadsOf(lab, coalesced(script))).toEqual(plain)
})

test('F37 line ends may be CR, LF or CRLF, cut in the middle or not', async () => {
  await using lab = await startTheLab()
  const script = replays(text('Grüezi, 世界!', { pieces: ['Grüezi, 世', '界!'] }))
  const plain = await payloadsOf(lab, script)
  const ways = ['\r\n', '\r'].flatMap((lineEnd) => {
    const other = rewritten((body) => body.replaceAll('\n', lineEnd), script)
    return [other, splitEvery(1, other), splitEvery(5, other)]
  })
  const results = await Promise.all(ways.map((way) => payloadsOf(lab, way)))
  for (const result of results) expect(result).toEqual(plain)
})

test('F37 line ends may change from event to event within one read', async () => {
  await using lab = await startTheLab()
  const script = replays(text(good))
  const plain = await payloadsOf(lab, script)
  const paired = changed((lines) =>
    lines.flatMap((line, at) =>
      at % 2 === 0 ? line.replace('\n\n', '\r\r') + (lines[at + 1] ?? '') : [],
    ),
  )
  expect(await payloadsOf(lab, paired)).toEqual(plain)
})

test('F37 the events of every recorded shape arrive as the provider wrote them', async () => {
  await using lab = await startTheLab()
  for (const [name, recording] of Object.entries(recordings)) {
    const payloads = await payloadsOf(lab, replays(recording))
    const sent = lab.a.requests.at(-1)!.sent.match(/(?<=^data: ).*$/gm) ?? []
    const untouched = payloads.filter((payload) => !payload.includes('"provider":'))
    for (const payload of untouched) expect(sent, name).toContain(payload)
    const mine = payloads.slice(0, -1).map((payload) => JSON.parse(payload))
    const theirs = sent.slice(0, -1).map((payload) => JSON.parse(payload))
    const named = mine.map((event) => ({ ...event, provider: undefined }))
    expect(named.slice(0, -1), name).toEqual(theirs.slice(0, -1))
    expect(named.at(-1).usage, name).toMatchObject(theirs.at(-1).usage)
    expect(untouched.length, name).toBeGreaterThan(1)
  }
})

const dressed = (line: string): string => `id: 1\nevent: message\nunknown: x\n${line}`

const tight = (line: string): string => line.replace('data: ', 'data:')

test('F38 comments, unknown fields, a byte order mark and unknown events do no harm', async () => {
  await using lab = await startTheLab()
  const noise = [
    ': OPENROUTER PROCESSING\n\n',
    'retry: 3000\n\n',
    'event: ping\ndata: {"type":"ping"}\n\n',
    'id: 7\n\n',
    'colour: red\n\n',
    '\n\n\n',
  ]
  const script = replays(text(good))
  const plain = await payloadsOf(lab, script)
  lab.a.next(changed((lines) => ['\uFEFF', ...noise, ...lines.flatMap((line) => [...noise, line])]))
  const answer = await lab.chat({ stream: true })
  expectAnswer(answer, { text: good, provider: 'a' })
  expect(answer.stream?.payloads).toEqual(plain)
  expect(
    await payloadsOf(
      lab,
      changed((lines) => lines.map(dressed)),
    ),
  ).toEqual(plain)
  expect(
    await payloadsOf(
      lab,
      changed((lines) => lines.map(tight)),
    ),
  ).toEqual(plain)
})

const endlessLine: Script = async (exchange) => {
  await exchange.head(200, { 'content-type': 'text/event-stream' })
  for (const line of eventLines(exchange, text(good)).slice(0, 3)) await exchange.body(line)
  await exchange.body('data: {"choices":[{"index":0,"delta":{"content":"')
  while (true) await exchange.body('x'.repeat(1 << 16))
}

test('F39 a text event above 1 MiB or a line without an end is cut off', async () => {
  await using lab = await startTheLab()
  lab.a.next(
    changed((lines) => [...lines.slice(0, 3), delta('x'.repeat(3 << 19)), ...lines.slice(3)]),
  )
  expectInBand(await lab.chat({ stream: true }), {
    code: 'upstream_response_too_large',
    text: 'One two',
  })
  lab.a.next(endlessLine)
  expectInBand(await lab.chat({ stream: true }), {
    code: 'upstream_response_too_large',
    text: 'One two',
  })
  await until('the provider sees its request aborted', () => lab.a.requests.at(-1)!.aborted)
  expectNoFailover(lab)
})

test('F39 an image or a sound may be larger', async () => {
  await using lab = await startTheLab()
  const url = `data:image/png;base64,${'iVBORw0KGgo'.repeat(200_000)}`
  const image = chunk([
    {
      index: 0,
      delta: { images: [{ type: 'image_url', image_url: { url } }] },
      finish_reason: null,
    },
  ])
  lab.a.next(changed((lines) => [...lines.slice(0, 3), image, ...lines.slice(3)]))
  const answer = await lab.chat({ stream: true, modalities: ['image', 'text'] })
  expectAnswer(answer, { text: good, provider: 'a' })
  const images = answer.stream!.events.flatMap((event) => event.choices[0]?.delta.images ?? [])
  expect(images).toHaveLength(1)
  expect(images[0].image_url.url).toHaveLength(url.length)
})

test('F40 where the provider does not count, usage is estimated and says so', async () => {
  await using lab = await startTheLab()
  for (const stream of [true, false]) {
    lab.a.next(answers(good, { usage: null }))
    const answer = await lab.chat({ stream })
    expectAnswer(answer, { text: good, provider: 'a' })
    expect(answer.usage.estimated).toBe(true)
    expect(answer.usage.completion_tokens).toBeWithin(3, 15)
    expect(answer.usage.prompt_tokens).toBeWithin(1, 20)
  }
})

test('F41 absurd usage is not believed', async () => {
  await using lab = await startTheLab()
  const absurd = [
    { prompt_tokens: -5, completion_tokens: 6, total_tokens: 1 },
    { prompt_tokens: 19, completion_tokens: 1e18, total_tokens: 1e18 },
    { prompt_tokens: '19', completion_tokens: 'six', total_tokens: '25' },
    { prompt_tokens: 19, completion_tokens: 1, total_tokens: 20 },
  ]
  const long = 'word and word again, '.repeat(40)
  for (const usage of absurd) {
    for (const stream of [true, false]) {
      lab.a.next(answers(long, { usage }))
      const answer = await lab.chat({ stream })
      expectAnswer(answer, { text: long, provider: 'a' })
      expect(answer.usage.estimated).toBe(true)
      expect(answer.usage.completion_tokens).toBeWithin(100, 400)
      expect(answer.usage.prompt_tokens).toBeWithin(1, 100)
    }
  }
})

test('F42 usage sent twice or with every chunk is forwarded once, the last of it', async () => {
  await using lab = await startTheLab()
  const last = usageOf(19, 6)
  const trailing = (usage: object): string => chunk([], { usage })
  lab.a.next(
    changed((lines) => [
      ...lines.slice(0, -2),
      trailing(usageOf(1, 1)),
      trailing(last),
      'data: [DONE]\n\n',
    ]),
  )
  const twice = await lab.chat({ stream: true })
  expectAnswer(twice, { text: good, provider: 'a' })
  expect(twice.usage).toMatchObject(last)

  const words = ['One', ' two', ' three', ' four', ' five', ' six.']
  lab.a.next(
    sendEvents([
      ...words.map((word, at) => delta(word, { usage: usageOf(19, at) })),
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }], { usage: last }),
      'data: [DONE]\n\n',
    ]),
  )
  const cumulative = await lab.chat({ stream: true })
  expectAnswer(cumulative, { text: good, provider: 'a' })
  expect(cumulative.usage).toMatchObject(last)
})

test('F43 content after usage and arguments that are not JSON are the model’s own affair', async () => {
  await using lab = await startTheLab()
  const usage = usageOf(19, 6)
  lab.a.next(
    sendEvents([
      delta('One two'),
      chunk([], { usage }),
      delta(' three four five six.'),
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
      'data: [DONE]\n\n',
    ]),
  )
  const answer = await lab.chat({ stream: true })
  expectAnswer(answer, { text: good, provider: 'a' })
  expect(answer.usage).toMatchObject(usage)

  const broken = '{"city":"Zürich", oops'
  for (const stream of [true, false]) {
    lab.a.next(replays(toolCalls({ id: 'call_1', name: 'get_weather', arguments: broken })))
    const called = await lab.chat({ stream })
    expect(called.error).toBeUndefined()
    const calls = stream
      ? called.stream!.events.flatMap((event) => event.choices[0]?.delta.tool_calls ?? [])
      : called.json.choices[0].message.tool_calls
    expect(calls.map((call: any) => call.function.arguments).join('')).toBe(broken)
  }
})

test('F44 output far above max_tokens is cut with finish_reason length and the upstream let go', async () => {
  await using lab = await startTheLab()
  for (const limit of ['max_tokens', 'max_completion_tokens']) {
    lab.a.next(endless('more '))
    const answer = await lab.chat({ stream: true, [limit]: 20 })
    expect(answer.error).toBeUndefined()
    const finish = answer.stream!.events.flatMap((event) => event.choices[0]?.finish_reason ?? [])
    expect(finish).toEqual(['length'])
    expect(answer.text.split(' ').length).toBeWithin(15, 100)
    expectUsageLast(answer)
    await until('the provider sees its request aborted', () => lab.a.requests.at(-1)!.aborted)
  }
})

test('F45 an answer of another model than asked names the model it is from', async () => {
  await using lab = await startTheLab()
  for (const stream of [true, false]) {
    lab.a.next(answers(good, { model: 'm-preview-0926' }))
    const answer = await lab.chat({ stream })
    expectAnswer(answer, { text: good, provider: 'a' })
    const models = stream ? answer.stream!.events.map((event) => event.model) : [answer.json.model]
    expect(new Set(models)).toEqual(new Set(['m-preview-0926']))
  }
})

test('content before a late failure is never taken back, though others could answer', async () => {
  await using lab = await startTheLab()
  lab.a.always(dieAfter(3, answers(good), 'reset'))
  lab.b.always(silent())
  const seen = await Promise.all(Array.from({ length: 10 }, () => lab.chat({ stream: true })))
  for (const answer of seen)
    expectInBand(answer, { code: 'upstream_disconnected', text: 'One two' })
  expectNoFailover(lab)
})
