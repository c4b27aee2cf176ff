import { describe, expect, test } from 'bun:test'
import { heapStats } from 'bun:jsc'
import privacy from '../../../plugins/privacy.ts'
import { createTrie } from '../../../plugins/privacy/trie.ts'
import type { Call, Chunk, Handler, Request } from '../../../src/chat.ts'
import { collect } from '../../../src/fold.ts'
import type { Screen } from '../../../src/plugins/host.ts'
import { mapOutgoing } from '../../../src/text/outgoing.ts'
import { fakeCall, mount, says, scripted } from '../../../src/testing.ts'
import { createRandom } from '../../support/random.ts'

const mail = 'ada.lovelace@analytical-engines.co.uk'
const password = 'Xk39kd9qZZ7w'

const asks = (content: unknown, rest: object = {}) =>
  ({ messages: [{ role: 'user', content }], ...rest }) as Partial<Request>

/** What a provider reads of a request, and what the client hears. */
const through = async (
  request: Partial<Request>,
  turn: Handler = says('ok'),
  options: object = {},
) => {
  const provider = scripted(turn)
  const handler = await mount(privacy, options, provider)
  const whole = await collect(handler(fakeCall(request)))
  const [reached] = provider.calls
  return { read: JSON.stringify(reached?.request), reached, choice: whole?.choices?.[0] }
}

const tool = (parameters: object) =>
  asks('hi', {
    tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters } }],
  })

const data = { type: 'object', properties: { data: { type: 'string', description: mail } } }

describe('nothing gets past by standing in an odd place', () => {
  const places: Readonly<Record<string, Partial<Request>>> = {
    'a property that is called as files are': tool(data),
    'a property that is called as seals are': tool({
      properties: { signature: { description: mail, enum: [mail], default: { data: mail } } },
    }),
    'the name of a property': tool({ properties: { [mail]: {} }, required: [mail] }),
    'the name of a definition': tool({ $ref: `#/$defs/${mail}`, $defs: { [mail]: {} } }),
    'the schema of the answer': asks('hi', {
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: data } },
    }),
    'a field of the body': asks('hi', { [mail]: 'x' }),
    'a field of a field': asks('hi', { extra: { deep: { [mail]: 1 } } }),
    'the name of a file': asks([{ type: 'file', file: { filename: `${mail}.txt` } }]),
    'a file that is no base64': asks([{ type: 'file', file: { file_data: `to ${mail}` } }]),
    'a data URL of text': asks(`data:text/plain,${mail}`),
    'a data URL of text in a text': asks(`See data:text/plain;charset=utf-8,to:${mail} there`),
  }
  for (const [place, request] of Object.entries(places))
    test(place, async () => {
      expect((await through(request)).read).not.toContain('ada.lovelace')
    })

  test('numbers that somebody made up', async () => {
    const card = 4_111_111_111_111_111
    const { read } = await through(
      tool({ properties: { card: { const: card, examples: [card] } } }),
    )
    expect(read).not.toContain(String(card))
    expect((await through(asks('hi', { seed: 4_111_111_111 }))).read).toContain('4111111111')
  })

  test('the name of a file that is sent as itself', () => {
    const file = new File(['bytes'], `${mail}.mp3`, { type: 'audio/mpeg' })
    const call = { ...fakeCall({}), request: { file } as unknown as Request }
    const said = mapOutgoing(call, (text) => text.replace(mail, 'x')).request as { file?: File }
    expect([said.file?.name, said.file?.type, said.file?.size]).toEqual(['x.mp3', 'audio/mpeg', 5])
    expect(mapOutgoing(call, (text) => text)).toBe(call)
  })
})

describe('nothing gets past in disguise', () => {
  const [name, host] = mail.split('@') as [string, string]
  const disguises: Readonly<Record<string, string>> = {
    'an escape in prose': `See {"to":"${name}\\u0040${host}"} there`,
    'escapes of escapes': JSON.stringify({ a: JSON.stringify({ b: `${name}\\u0040${host}` }) }),
    'an entity': `<a href="mailto:${name}&#64;${host}">`,
    'an entity in hex': `${name}&#x40;${host}`,
    'a named entity': `${name}&commat;${host}`,
    'a wide letter': `to ${name}＠${host}.`,
    'a letter without a width': `to ${name}\u200B@${host}.`,
    'mathematical letters': `to ${[...name].map((letter) => (letter === '.' ? '.' : String.fromCodePoint(0x1d41a + letter.charCodeAt(0) - 97))).join('')}@${host}.`,
  }
  for (const [disguise, text] of Object.entries(disguises))
    test(disguise, async () => {
      const { read, choice } = await through(asks(text), (call) =>
        says(String(call.request.messages?.[0]?.content), 3)(call),
      )
      expect(read).not.toContain(host)
      expect(String(choice?.delta?.content)).toContain(mail)
    })

  test('what is no disguise of anything stays as it is', async () => {
    for (const text of ['ＡＢＣ，１２３ 👩‍👩‍👧 \\u0041 &#64; &amp; \\x', '\\u0000 &#0; &#x110000;']) {
      const call = fakeCall(asks(text))
      expect(mapOutgoing(call, (said) => said)).toBe(call)
      expect((await through(asks(text))).reached?.request.messages?.[0]?.content).toBe(text)
    }
  })
})

test('what leaves for a search is seen through as well', async () => {
  const screens: Screen[] = []
  const host = { onLeave: (screen: Screen) => void screens.push(screen) }
  await mount(privacy, {}, says('ok'), host)
  expect(
    screens[0]?.(
      `who is ${mail.replace('@', '&#64;')}, or ${mail.replace('@', '＠')}?`,
      fakeCall(),
    ),
  ).toBe('who is [EMAIL], or [EMAIL]?')
})

test('a value that is known by its name is masked where it stands without it in the same text', async () => {
  const text = `password=${password} . Log in with ${password}, please.`
  expect((await through(asks(text))).read).not.toContain(password)
})

describe('what comes back is right', () => {
  const key = `-----BEGIN PRIVATE KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n'.repeat(3)}-----END PRIVATE KEY-----`
  const answers = (...chunks: Chunk[]): Handler =>
    async function* all() {
      yield* chunks
    }
  const readIn = (call: Call): string => String(call.request.messages?.[0]?.content)

  test('in an answer that was asked for as JSON', async () => {
    const request = asks(`Key: ${key}`, { response_format: { type: 'json_object' } })
    const { choice } = await through(request, (call) =>
      says(JSON.stringify({ key: /PRIVATE-KEY-\w+/.exec(readIn(call))?.[0] }), 5)(call),
    )
    expect(JSON.parse(String(choice?.delta?.content))).toEqual({ key })
  })

  test('in the name of a tool', async () => {
    const request = {
      ...asks('hi'),
      tools: [{ type: 'function', function: { name: 'get-apollo' } }],
    } as Partial<Request>
    const options = { words: { project: ['apollo'] } }
    const turn: Handler = (call) => {
      const name = (call.request.tools as any)[0].function.name
      expect(name).not.toContain('apollo')
      const tool_calls = [{ index: 0, id: '1', function: { name, arguments: '{}' } }]
      return answers({
        choices: [{ index: 0, delta: { tool_calls }, finish_reason: 'tool_calls' }],
      })(call)
    }
    const { choice } = await through(request, turn, options)
    expect(choice?.delta?.tool_calls?.[0]?.function?.name).toBe('get-apollo')
  })

  test('citations stand where they stood, in each of the answers', async () => {
    const cited = (text: string) => {
      const start_index = text.indexOf('[x]')
      const end_index = text.indexOf(')') + 1
      const url_citation = { url: 'https://x.com', start_index, end_index }
      return [{ type: 'url_citation', url_citation }]
    }
    const turn: Handler = (call) => {
      const [read = ''] = /\S+@\S+/.exec(readIn(call)) ?? []
      const texts = [`To ${read}: [x](y). ${read}`, 'No [x](y).']
      const pieces = texts.flatMap((text, index) =>
        (text.match(/.{1,5}/g) ?? []).map((content) => ({
          choices: [{ index, delta: { content } }],
        })),
      )
      const ends = texts.map((text, index) => ({
        choices: [{ index, delta: { annotations: cited(text) }, finish_reason: 'stop' }],
      }))
      return answers(...(pieces as Chunk[]), ...(ends as Chunk[]))(call)
    }
    const handler = await mount(privacy, {}, scripted(turn))
    const said = ['', '']
    const marked: string[] = []
    for await (const { choices = [] } of handler(fakeCall(asks(`I am ${mail}`, { stream: true }))))
      for (const { index, delta } of choices) {
        said[index] += String(delta?.content ?? '')
        const [found] = (delta?.annotations ?? []) as any[]
        const place = found?.url_citation
        if (place) marked.push(said[index]!.slice(place.start_index, place.end_index))
      }
    expect(said).toEqual([`To ${mail}: [x](y). ${mail}`, 'No [x](y).'])
    expect(marked).toEqual(['[x](y)', '[x](y)'])
  })
})

describe('words by the thousand', () => {
  const random = createRandom(7)
  const wordOf = () =>
    Array.from({ length: 2 + Math.floor(random() * 6) }, () => 'ab'[Math.floor(random() * 2)]).join(
      '',
    )

  test('are found as if each were looked for, and what may go on is known', () => {
    for (let round = 0; round < 300; round++) {
      const words = [...new Set(Array.from({ length: 1 + (round % 12) }, wordOf))]
      const trie = createTrie(words)
      expect(trie.size).toBe(words.length)
      const text = wordOf() + wordOf() + wordOf()
      for (let start = 0; start < text.length; start++) {
        const rest = text.slice(start)
        const [word] = words
          .filter((one) => rest.startsWith(one))
          .toSorted((one, other) => other.length - one.length)
        const open = words.some((one) => one.length > rest.length && one.startsWith(rest))
        expect(trie.at(text, start)).toEqual({ word, open })
      }
    }
  })

  test('take little more room than their letters', () => {
    const words = Array.from(
      { length: 20_000 },
      (_, at) => `user-${at * 7919}.${'x'.repeat(40)}@a.com`,
    )
    Bun.gc(true)
    const before = heapStats().objectCount
    const trie = createTrie(words)
    Bun.gc(true)
    expect(heapStats().objectCount - before).toBeLessThan(6 * words.length)
    expect(trie.size).toBe(words.length)
  })
})
