import { asksStream, fixtureEvents } from '../support/fixtures-replay.ts'
import { contentTypes, fixture, type Dialect, type Scenario } from '../support/fixtures.ts'
import type { Script } from '../support/provider.ts'
import type { Random } from '../support/random.ts'
import { mutated } from './mutate.ts'

type Change = (events: readonly string[], random: Random) => readonly string[]

const at = (list: readonly unknown[], random: Random): number => Math.floor(random() * list.length)

/** An event whose JSON has something changed. */
const reworded = (event: string, random: Random): string => {
  const [, head = '', data, tail = ''] = /^([^]*?data: ?)([^\r\n]*)([^]*)$/.exec(event) ?? []
  if (data === undefined) return event
  try {
    return head + JSON.stringify(mutated(JSON.parse(data), random)) + tail
  } catch {
    return event
  }
}

const strangers = [
  ': a comment\n\n',
  'event: ping\ndata: {"type":"ping"}\n\n',
  'event: something_new\ndata: {"type":"something_new","sequence_number":1,"value":[1]}\n\n',
  'data: {}\n\n',
  'data: []\n\n',
  'data: null\n\n',
  'data: "text"\n\n',
  'data: {"choices":[]}\n\n',
  'data: {"choices":null}\n\n',
  'data: {"choices":[null]}\n\n',
  'data: {"choices":[{"index":-1,"delta":{"content":"x"}}]}\n\n',
  'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":7,"function":{"arguments":"x"}}]}}]}\n\n',
  'data: {"candidates":[{"content":null}]}\n\n',
  'data: {"candidates":[{"content":{"parts":[null,{},{"functionCall":{}}]}}]}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":99,"delta":{"type":"text_delta","text":"x"}}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":null}\n\n',
  'event: response.output_text.delta\ndata: {"type":"response.output_text.delta","delta":"x"}\n\n',
  'event: response.output_item.added\ndata: {"type":"response.output_item.added","item":null}\n\n',
  'data: [DONE]\n\n',
  'data:\n\n',
  'data\n\n',
  'id: 7\nretry: 10\n\n',
  'data: {"error":{"message":"Broken.","type":"server_error"}}\n\n',
  'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n',
  'event: error\ndata: not JSON\n\n',
  '\n\n\n',
  '<html>502</html>',
]

const changes: readonly Change[] = [
  (events, random) => events.toSpliced(at(events, random), 1),
  (events, random) => {
    const here = at(events, random)
    return events.toSpliced(here, 0, events[here] ?? '')
  },
  (events, random) => {
    const here = at(events, random)
    const there = at(events, random)
    return events.with(here, events[there] ?? '').with(there, events[here] ?? '')
  },
  (events, random) => events.slice(0, at(events, random)),
  (events, random) => events.slice(at(events, random)),
  (events, random) => {
    const here = at(events, random)
    return events.with(here, reworded(events[here] ?? '', random))
  },
  (events, random) => {
    const here = at(events, random)
    return events.with(here, reworded(events[here] ?? '', random))
  },
  (events, random) => events.toSpliced(at(events, random), 0, random.pick(strangers)),
  (events, random) => events.toSpliced(at(events, random), 0, random.pick(strangers)),
  (events) => events.map((event) => event.replaceAll(/\r?\n/g, '\r\n')),
  (events) => [...events, ...events],
  (events, random) => events.toSorted(() => random() - 0.5),
]

const bytes = (text: string, random: Random): Uint8Array => {
  const whole = Buffer.from(text)
  if (random() < 0.3) return whole.subarray(0, Math.floor(random() * whole.length))
  if (random() < 0.3 && whole.length > 0)
    whole[Math.floor(random() * whole.length)] = Math.floor(random() * 256)
  return whole
}

/** How the connection ends: well, cut, or not at all said to be the end. */
const endings = ['end', 'end', 'end', 'close', 'reset'] as const

/** A stream of which something is wrong, in writes of any size. */
const spoiledStream =
  (dialect: Dialect, scenario: Scenario, random: Random): Script =>
  async (exchange) => {
    let events: readonly string[] = fixtureEvents(dialect, scenario, exchange.request)
    const times = Math.floor(random() * 3)
    for (let time = 0; time <= times; time++) {
      if (events.length > 0) events = random.pick(changes)(events, random)
    }
    const whole = bytes(events.join(''), random)
    const type = random() < 0.03 ? 'text/html' : contentTypes.sse[dialect]
    await exchange.head(200, { 'content-type': type })
    const size = random.pick([1 << 20, 700, 97])
    for (let from = 0; from < whole.length; from += size) {
      await exchange.body(whole.subarray(from, from + size))
    }
    const ending = random.pick(endings)
    if (ending === 'end') await exchange.end()
    else exchange[ending]()
  }

const statuses = [200, 200, 200, 200, 200, 201, 204, 302, 400, 404, 413, 500, 503, 529]

/** A whole answer of which something is wrong. */
const spoiledWhole =
  (dialect: Dialect, scenario: Scenario, random: Random): Script =>
  async (exchange) => {
    const { json } = fixture(dialect, scenario)
    let value: unknown = JSON.parse(json)
    const times = 1 + Math.floor(random() * 3)
    for (let time = 0; time < times; time++) value = mutated(value, random)
    const text =
      random() < 0.1
        ? random.pick(['', 'null', '[]', '{}', '<html>', '"x"', '{"error":{}}', '{"error":"x"}'])
        : JSON.stringify(value)
    const whole = random() < 0.1 ? bytes(text, random) : Buffer.from(text)
    const status = random() < 0.2 ? random.pick(statuses) : 200
    const type = random() < 0.03 ? 'text/plain' : contentTypes.json[dialect]
    await exchange.head(status, { 'content-type': type, 'content-length': String(whole.length) })
    await exchange.body(whole)
    await exchange.end()
  }

export const spoiled =
  (dialect: Dialect, scenario: Scenario, random: Random): Script =>
  (exchange) =>
    (asksStream(dialect, exchange.request) ? spoiledStream : spoiledWhole)(
      dialect,
      scenario,
      random,
    )(exchange)
