import { describe, expect, test } from 'bun:test'
import {
  atCandidate,
  collect,
  notices,
  served,
  stages,
  type Candidate,
  type Message,
  type Request,
} from 'sluice/plugin'
import { contract, fails, fakeCall, fakePlan, mount, says, scripted } from 'sluice/testing'
import compression from '../../plugins/context-compression.ts'
import { middleOut } from '../../plugins/context-compression/middle-out.ts'
import { tokensIn } from '../../plugins/context-compression/tokens.ts'
import { createRandom } from '../support/random.ts'

contract(compression, {})

const words = (count: number, word = 'lake') => Array.from({ length: count }, () => word).join(' ')
const user = (content: Message['content']): Message => ({ role: 'user', content: content ?? '' })
const assistant = (content: string): Message => ({ role: 'assistant', content })
const system: Message = { role: 'system', content: 'Be brief.' }

const turns = (count: number, length = 50): Message[] =>
  Array.from({ length: count }, (_, n) => [
    user(`${n}? ${words(length)}`),
    assistant(`${n}! ${words(length)}`),
  ]).flat()

const tokensOf = (messages: readonly Message[] = []) =>
  messages.reduce((sum, message) => sum + tokensIn(message), 0)

const compress = (messages: readonly Message[], tokens: number, most = Infinity) =>
  middleOut({ model: 'm', messages }, { tokens, messages: most })

describe('middle-out', () => {
  test('leaves alone what fits', () => {
    expect(compress([system, ...turns(3)], 10_000)).toBeUndefined()
  })

  test('keeps the system, the first and the last, and takes from the middle', () => {
    const messages = [system, ...turns(20), user('And now?')]
    const made = compress(messages, 600)!
    const left = made.request.messages!
    expect(tokensOf(left)).toBeLessThanOrEqual(600)
    expect(left.slice(0, 2)).toEqual(messages.slice(0, 2))
    expect(left.at(-1)).toEqual(messages.at(-1)!)
    expect(made.left_out).toBe(messages.length - left.length)
    const places = left.map((message) => messages.indexOf(message))
    expect(places).toEqual(places.toSorted((one, other) => one - other))
    const gaps = places.filter((place, at) => at > 0 && place !== places[at - 1]! + 1)
    expect(gaps).toHaveLength(1)
    expect(made.tokens_after).toBe(tokensOf(left))
  })

  test('is the same every time', () => {
    const messages = [system, ...turns(20), user('And now?')]
    expect(compress(messages, 600)).toEqual(compress(structuredClone(messages), 600))
  })

  test('leaves no result without its call, whatever is said between the two', () => {
    const call = (...ids: string[]): Message => ({
      role: 'assistant',
      content: '',
      tool_calls: ids.map((id) => ({
        id,
        type: 'function',
        function: { name: 'f', arguments: `{"a":"${words(20)}"}` },
      })),
    })
    const result = (id: string): Message => ({
      role: 'tool',
      tool_call_id: id,
      content: words(60),
    })
    const messages = Array.from({ length: 12 }, (_, at) => [
      call(`a${at}`, `b${at}`),
      result(`b${at}`),
      user(words(40)),
      call(`c${at}`),
      result(`c${at}`),
      result(`a${at}`),
      // some count their calls anew in every turn
      call('0'),
      assistant(words(40)),
      result('0'),
    ]).flat()
    for (let room = 300; room < 6_000; room += 100) {
      const left = compress([user('begin'), ...messages, user('end')], room)?.request.messages ?? []
      const open = new Map<unknown, number>()
      for (const { tool_calls = [], role, tool_call_id: id } of left) {
        for (const { id: made } of tool_calls) open.set(made, (open.get(made) ?? 0) + 1)
        if (role !== 'tool') continue
        expect(open.get(id)).toBe(1)
        open.delete(id)
      }
      expect(open.size).toBe(0)
    }
  })

  test('keeps what the user wants last, even where tools have run long since', () => {
    const calling = (id: string): Message => ({
      role: 'assistant',
      content: null,
      tool_calls: [{ id, type: 'function', function: { name: 'f', arguments: '{}' } }],
    })
    const loop = Array.from({ length: 20 }, (_, n) => [
      calling(`c${n}`),
      { role: 'tool', tool_call_id: `c${n}`, content: words(60) },
    ]).flat()
    const task = user('Find the bug.')
    const messages = [user('Hello'), assistant('Hi'), task, ...loop]
    const left = compress(messages, 500)!.request.messages!
    expect(left).toContain(task)
    expect(left.at(-1)).toBe(messages.at(-1)!)
    const calls = left.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id))
    const results = left.flatMap((one) => (one.role === 'tool' ? [one.tool_call_id] : []))
    expect(results).toEqual(calls)
  })

  test('shortens what must stay, in its middle', () => {
    const long = `BEGIN ${words(3_000)} END`
    const made = compress([system, user(long)], 800)!
    const [first, second] = made.request.messages!
    expect(first).toBe(system)
    expect(second?.content).toStartWith('BEGIN lake')
    expect(second?.content).toEndWith('lake END')
    expect(second?.content).toContain('[…]')
    expect(tokensOf(made.request.messages)).toBeLessThanOrEqual(800)
    expect([made.left_out, made.shortened]).toEqual([0, 1])
  })

  test('shortens parts, and keeps pictures', () => {
    const picture = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }
    const made = compress([user([{ type: 'text', text: words(4_000) }, picture])], 2_000)!
    const content = made.request.messages![0]!.content as any[]
    expect(content[0].text).toContain('[…]')
    expect(content[1]).toBe(picture)
    expect(tokensOf(made.request.messages)).toBeLessThanOrEqual(2_000)
  })

  test('counts what only begins as a data URL does', () => {
    expect(tokensIn(user(`data: ${words(4_000)}`))).toBeGreaterThan(3_000)
    expect(tokensIn(user(`data:image/png;base64,${'AAAA'.repeat(4_000)}`))).toBeLessThan(100)
  })

  test('never cuts a word in two, unless it has no end', () => {
    const mail = 'ada.lovelace@analytical-engines.co.uk'
    for (let at = 0; at < 40; at++) {
      const text = 'x'.repeat(at) + ` ${mail}`.repeat(600)
      const [head = '', tail = ''] = String(
        compress([user(text)], 800)!.request.messages![0]!.content,
      ).split('\n[…]\n')
      expect(head).toEndWith(` ${mail}`)
      expect(tail).toStartWith(`${mail} `)
    }
    const endless = compress([user('x'.repeat(60_000))], 800)!.request.messages![0]!.content
    expect(String(endless).length).toBeGreaterThan(1_000)
  })

  test('never cuts a letter in two', () => {
    for (const more of ['', 'a']) {
      const made = compress([user(more + '🦊'.repeat(4_000))], 700)!
      const text = made.request.messages![0]!.content as string
      expect(text.isWellFormed()).toBe(true)
    }
  })

  test('counts pictures', () => {
    const picture = { type: 'image_url', image_url: { url: 'https://example.com/x.png' } }
    const messages = [user('Hi'), user([picture]), user([picture]), user('And?')]
    const left = compress(messages, 1_500)!.request.messages!
    expect(left).toHaveLength(3)
  })

  test('keeps to a number of messages: half from the head, half from the tail', () => {
    const messages = turns(600, 1)
    const left = compress(messages, Infinity, 1_000)!.request.messages!
    expect(left).toHaveLength(1_000)
    expect(left[499]).toBe(messages[499]!)
    expect(left[500]).toBe(messages[700]!)
  })

  test('shortens a bare prompt', () => {
    const made = middleOut({ model: 'm', prompt: words(5_000) }, { tokens: 500, messages: 1 })!
    expect(made.tokens_after).toBeLessThanOrEqual(500)
  })

  test('leaves no orphan and fits, whatever the conversation', () => {
    const random = createRandom(7)
    for (let n = 0; n < 300; n++) {
      const messages: Message[] = [system]
      let calls = 0
      while (messages.length < 30) {
        const kind = random.pick(['user', 'assistant', 'tools'])
        const text = words(1 + Math.floor(random() * 80))
        if (kind === 'user') messages.push(user(text))
        else if (kind === 'assistant') messages.push(assistant(text))
        else {
          const ids = Array.from({ length: 1 + Math.floor(random() * 3) }, () => `c${calls++}`)
          messages.push({
            role: 'assistant',
            content: null,
            tool_calls: ids.map((id) => ({ id, function: { name: 'f', arguments: text } })),
          })
          for (const id of ids) messages.push({ role: 'tool', tool_call_id: id, content: text })
        }
      }
      const room = 400 + Math.floor(random() * 1_000)
      const made = compress(messages, room)
      if (!made) continue
      const left = made.request.messages!
      const asked = left.flatMap(({ tool_calls = [] }) => tool_calls.map(({ id }) => id))
      const told = left.flatMap((one) => (one.role === 'tool' ? [one.tool_call_id] : []))
      expect(told).toEqual(asked)
      expect(left[0]).toBe(system)
      // what a tool is called with stays as it was said
      if (made.shortened === 0) expect(tokensOf(left)).toBeLessThanOrEqual(room)
    }
  })
})

const long = (): Message[] => [system, ...turns(60, 60), user('And now?')]

const candidateOf = (facts: Candidate['facts'], model = 'm'): Candidate => {
  const [first] = fakePlan(fakeCall(), () => [{ provider: 'box', model }]).candidates
  return { ...first!, facts }
}

/** What is sent to an endpoint, with the plugin outside or inside of who chose it. */
const sentTo = async (
  facts: Candidate['facts'],
  request: Partial<Request>,
  where: 'outside' | 'inside',
  options: { up_to?: number } = {},
) => {
  const candidate = candidateOf(facts)
  const provider = scripted(says('Hi.'))
  const call = fakeCall({ messages: long(), ...request })
  if (where === 'outside') {
    const handler = await mount(compression, options, (made) =>
      provider(atCandidate(made, candidate)),
    )
    await collect(handler(call))
  } else {
    const handler = await mount(compression, options, provider)
    call.vars.set(served, candidate)
    await collect(handler(atCandidate(call, candidate)))
  }
  return { call, sent: provider.calls[0]!.request }
}

describe.each(['outside', 'inside'] as const)('%s of who chooses the endpoint', (where) => {
  test('short contexts are compressed for, without being asked', async () => {
    const { call, sent } = await sentTo({ context_length: 4_096 }, {}, where)
    expect(tokensOf(sent.messages)).toBeLessThan(4_096 - 1_024)
    expect(call.vars.get(stages)).toMatchObject([
      {
        type: 'context_compression',
        name: 'context-compression',
        data: { engine: 'middle-out', endpoint: 'box/m', context_length: 4_096, shortened: 0 },
      },
    ])
    expect(call.vars.get(notices)).toHaveLength(1)
  })

  test('longer ones only where the request or the YAML wants it', async () => {
    const facts = { context_length: 9_000 }
    const asking = { plugins: [{ id: 'context-compression' }], messages: long() }
    const messages = [...long(), ...long()]
    const ways: [Partial<Request>, { up_to?: number }, boolean][] = [
      [{ messages }, {}, false],
      [{ messages }, { up_to: 10_000 }, true],
      [{ ...asking, messages }, {}, true],
      [{ messages, transforms: ['middle-out'] }, {}, true],
      [{ messages, transforms: [] }, { up_to: 10_000 }, false],
      [
        { messages, plugins: [{ id: 'context-compression', enabled: false }] },
        { up_to: 1e6 },
        false,
      ],
    ]
    for (const [request, options, shorter] of ways) {
      const { sent } = await sentTo(facts, request, where, options)
      expect(sent.messages!.length < messages.length).toBe(shorter)
    }
  })

  test('who makes no text, or whose context nobody knows, is sent all', async () => {
    for (const facts of [{}, { context_length: 4_096, output_modalities: ['image'] }]) {
      const { sent, call } = await sentTo(facts, {}, where)
      expect(sent.messages).toHaveLength(long().length)
      expect(call.vars.get(stages)).toEqual([])
    }
  })

  test('room is left for the answer that is wanted', async () => {
    const { sent } = await sentTo({ context_length: 8_000 }, { max_tokens: 3_000 }, where)
    expect(tokensOf(sent.messages)).toBeLessThanOrEqual(5_000)
  })
})

test('of several attempts the latest is told, and what was said before is not said again', async () => {
  const provider = scripted(says('Hi.'))
  const call = fakeCall({ messages: long() })
  const handler = await mount(compression, {}, async function* twice(made) {
    for (const context_length of [3_000, 5_000])
      yield* provider(atCandidate(made, candidateOf({ context_length })))
  })
  await collect(handler(call))
  expect(call.vars.get(stages).map(({ data }) => data?.context_length)).toEqual([5_000])
  expect(call.vars.get(notices)).toHaveLength(1)
  const [one, other] = provider.calls.map(({ request }) => request.messages!.length)
  expect(one).toBeLessThan(other!)
})

test('a prompt that is too long is told how it may be sent', async () => {
  const handler = await mount(compression, {}, fails('context_length_exceeded'))
  await expect(collect(handler(fakeCall({ messages: long() })))).rejects.toThrow(
    '"plugins": [{"id": "context-compression"}]',
  )
})
