import { describe, expect, test } from 'bun:test'
import type { Choice, Chunk, Delta, Request } from '../src/chat.ts'
import { collect } from '../src/fold.ts'
import { mapText, type TextMapper } from '../src/text/answer.ts'
import { mapTexts, textsOf } from '../src/text/request.ts'

/** Replaces a word, and holds back what may be the beginning of one. */
const replacing = (word: string, by: string) => (): TextMapper => {
  let held = ''
  return {
    push(text) {
      const all = (held + text).replaceAll(word, by)
      let keep = Math.min(word.length - 1, all.length)
      while (keep > 0 && !word.startsWith(all.slice(-keep))) keep--
      held = all.slice(all.length - keep)
      return all.slice(0, all.length - keep)
    },
    end: () => held,
  }
}

const redact = replacing('secret', '[x]')
const samples = [
  'secret',
  'a secret!',
  'secretsecret',
  'no sec, no ret',
  'ends in secre',
  'ééé secret 👋🏽',
  's',
]

type Make = (text: string, finish_reason?: string | null) => Choice
const deltas =
  (field: (text: string) => Delta): Make =>
  (text, finish_reason = null) => ({
    index: 0,
    delta: field(text),
    finish_reason,
  })

/** Each place where text can stand: how a piece of it looks, and where it is found in the whole. */
const places: Record<string, [Make, (choice: Choice) => unknown]> = {
  content: [deltas((content) => ({ content })), ({ delta }) => delta?.content],
  reasoning: [deltas((reasoning) => ({ reasoning })), ({ delta }) => delta?.reasoning],
  reasoning_content: [
    deltas((reasoning_content) => ({ reasoning_content })),
    ({ delta }) => delta?.reasoning_content,
  ],
  refusal: [deltas((refusal) => ({ refusal })), ({ delta }) => delta?.refusal],
  'tool arguments': [
    deltas((text) => ({ tool_calls: [{ index: 0, function: { arguments: text } }] })),
    ({ delta }) => delta?.tool_calls?.[0]?.function?.arguments,
  ],
  'the second tool': [
    deltas((text) => ({ tool_calls: [{ index: 1, function: { arguments: text } }] })),
    ({ delta }) => delta?.tool_calls?.[0]?.function?.arguments,
  ],
  'legacy text': [
    (text, finish_reason = null) => ({ index: 0, text, finish_reason }),
    ({ text }) => text,
  ],
}

async function* of(chunks: readonly Chunk[]): AsyncGenerator<Chunk> {
  yield* chunks
}

const mapped = (chunks: readonly Chunk[], create: () => TextMapper = redact): Promise<Chunk[]> =>
  Array.fromAsync(mapText(of(chunks), create))

/** Every way to cut a text into up to three pieces. */
function* cuts(text: string): Generator<string[]> {
  for (let one = 0; one <= text.length; one++)
    for (let other = one; other <= text.length; other++)
      yield [text.slice(0, one), text.slice(one, other), text.slice(other)]
}

describe.each(Object.entries(places))('%s', (_name, [make, find]) => {
  const finish: Chunk = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }

  test('is rewritten the same however it is cut', async () => {
    for (const sample of samples)
      for (const pieces of cuts(sample)) {
        const chunks = [...pieces.map((text) => ({ choices: [make(text)] })), finish]
        const whole = await collect(of(await mapped(chunks)))
        expect(find(whole!.choices![0]!)).toBe(sample.replaceAll('secret', '[x]'))
      }
  })

  test('is complete where the provider never says that it finished', async () => {
    for (const sample of samples) {
      const out = await mapped([...sample].map((text) => ({ choices: [make(text)] })))
      const whole = await collect(of(out))
      expect(find(whole!.choices![0]!)).toBe(sample.replaceAll('secret', '[x]'))
    }
  })

  test('is complete in a whole answer, which speaks and finishes at once', async () => {
    for (const sample of samples) {
      const [only, ...more] = await mapped([{ choices: [make(sample, 'stop')] }])
      expect(more).toEqual([])
      expect(find(only!.choices![0]!)).toBe(sample.replaceAll('secret', '[x]'))
      expect(only!.choices![0]!.finish_reason).toBe('stop')
    }
  })

  test('what is held back comes out before or with the finish, never after it', async () => {
    const out = await mapped([{ choices: [make('secre')] }, finish])
    const at = out.findIndex(({ choices }) => choices?.[0]?.finish_reason)
    expect(at).toBe(out.length - 1)
    expect(find((await collect(of(out)))!.choices![0]!)).toBe('secre')
  })
})

test('several choices and several tools are rewritten each for itself', async () => {
  const piece = (index: number, content: string): Choice => ({ index, delta: { content } })
  const call = (index: number, tool: number, text: string): Choice => ({
    index,
    delta: { tool_calls: [{ index: tool, function: { arguments: text } }] },
  })
  const out = await mapped([
    { choices: [piece(0, 'sec'), piece(1, 'sec')] },
    { choices: [piece(1, 'ond'), call(0, 0, 'sec')] },
    { choices: [piece(0, 'ret'), call(0, 1, 'ret sec')] },
    { choices: [call(0, 0, 'ret'), call(0, 1, 'ret')] },
    { choices: [{ index: 0, finish_reason: 'tool_calls' }] },
    { choices: [{ index: 1, finish_reason: 'stop' }] },
  ])
  const whole = await collect(of(out))
  const [first, second] = whole?.choices ?? []
  expect(first?.delta?.content).toBe('[x]')
  expect(second?.delta?.content).toBe('second')
  expect(first?.delta?.tool_calls?.map((tool) => tool.function?.arguments)).toEqual([
    '[x]',
    'ret [x]',
  ])
})

test('two tools in one chunk, without an index, are told apart by their place', async () => {
  const [only] = await mapped([
    {
      choices: [
        {
          index: 0,
          delta: {
            tool_calls: [
              { id: 'a', function: { name: 'f', arguments: 'a secret' } },
              { id: 'b', function: { name: 'g', arguments: 'secre' } },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
    },
  ])
  expect(only?.choices?.[0]?.delta?.tool_calls).toEqual([
    { id: 'a', function: { name: 'f', arguments: 'a [x]' } },
    { id: 'b', function: { name: 'g', arguments: 'secre' } },
  ])
})

test('chunks that need no change are handed on as the same objects', async () => {
  const chunks: Chunk[] = [
    { choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] },
    { choices: [{ index: 0, delta: { content: 'plain' } }] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage: { prompt_tokens: 1, total_tokens: 1 } },
    { object: 'list', data: [] },
  ]
  const out = await mapped(chunks)
  expect(out).toHaveLength(chunks.length)
  out.forEach((chunk, at) => expect(chunk).toBe(chunks[at]!))
})

test('everything but the text stays', async () => {
  const [first] = await mapped([
    {
      id: 'x',
      choices: [{ index: 0, delta: { role: 'assistant', content: 'secret' }, logprobs: null }],
      new_field: 1,
    },
  ])
  expect(first).toEqual({
    id: 'x',
    choices: [{ index: 0, delta: { role: 'assistant', content: '[x]' }, logprobs: null }],
    new_field: 1,
  })
})

test('text after the finish is rewritten and completed as well', async () => {
  const piece = (content: string, finish_reason: string | null = null): Chunk => ({
    choices: [{ index: 0, delta: { content }, finish_reason }],
  })
  const out = await mapped([piece('a sec', 'stop'), piece('sec'), piece('ret sec')])
  expect((await collect(of(out)))?.choices?.[0]?.delta?.content).toBe('a sec[x] sec')
})

test('usage is told once, also when something is held back at the very end', async () => {
  const out = await mapped([
    { choices: [{ index: 0, delta: { content: 'sec' } }] },
    { choices: [], usage: { prompt_tokens: 1, total_tokens: 1 } },
  ])
  expect(out.filter(({ usage }) => usage)).toHaveLength(1)
})

test('who stops reading stops the source, and an error in the source is thrown', async () => {
  let stopped = false
  const source = async function* () {
    try {
      for (;;) yield { choices: [{ index: 0, delta: { content: 'secret' } }] }
    } finally {
      stopped = true
    }
  }
  for await (const _ of mapText(source(), redact)) break
  expect(stopped).toBe(true)

  const broken = (async function* () {
    yield { choices: [{ index: 0, delta: { content: 'a' } }] }
    throw new Error('broken')
  })()
  await expect(Array.fromAsync(mapText(broken, redact))).rejects.toThrow('broken')
})

const request: Request = {
  model: 'm',
  messages: [
    { role: 'system', content: 'rules' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'question', cache_control: { type: 'ephemeral' } },
        { type: 'image_url', image_url: { url: 'https://a.example/x.png' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"q":1}' } }],
    },
    { role: 'tool', tool_call_id: 'c', content: 'result' },
  ],
}

test('the texts of a request are those of its messages, parts, tool calls and results', () => {
  expect(textsOf(request)).toEqual(['rules', 'question', '{"q":1}', 'result'])
  expect(textsOf({ model: 'm', prompt: 'once' })).toEqual(['once'])
  expect(textsOf({ model: 'm', prompt: ['one', 'two'] })).toEqual(['one', 'two'])
  expect(textsOf({ model: 'm', prompt: [[1, 2], [3]] })).toEqual([])
  expect(textsOf({ model: 'm', input: ['one', 'two'] })).toEqual(['one', 'two'])
})

test('mapping replaces exactly those texts', () => {
  const before = structuredClone(request)
  const mapped = mapTexts(request, (text) => text.toUpperCase())
  expect(textsOf(mapped)).toEqual(['RULES', 'QUESTION', '{"Q":1}', 'RESULT'])
  expect(JSON.stringify(mapped).toLowerCase()).toBe(JSON.stringify(request).toLowerCase())
  expect(request).toEqual(before)
})

test('a request in which nothing changed is the same object', () => {
  expect(mapTexts(request, (text) => text)).toBe(request)
})

test('messages in which nothing changed stay the same objects', () => {
  // the doc says "what fn leaves alone keeps its identity"; mapMessage copies every message
  const mapped = mapTexts(request, (text) => (text === 'rules' ? 'other rules' : text))
  expect(mapped.messages?.[1]).toBe(request.messages![1]!)
})

describe('every text that a provider would read', () => {
  const reads = (message: object) =>
    textsOf({ model: 'm', messages: [{ role: 'assistant', ...message }] })

  // a plugin such as privacy would let these through unseen
  test('includes reasoning that is replayed', () => {
    expect(reads({ content: null, reasoning_content: 'hidden' })).toEqual(['hidden'])
  })
  test('includes a refusal that is replayed', () => {
    expect(reads({ content: null, refusal: 'hidden' })).toEqual(['hidden'])
    expect(reads({ content: [{ type: 'refusal', refusal: 'hidden' }] })).toEqual(['hidden'])
  })
  test('includes the input of custom tools and the arguments of the legacy call', () => {
    expect(
      reads({ tool_calls: [{ id: 'c', type: 'custom', custom: { input: 'hidden' } }] }),
    ).toEqual(['hidden'])
    expect(reads({ function_call: { name: 'f', arguments: 'hidden' } })).toEqual(['hidden'])
  })
  test('includes predictions, suffixes and the descriptions of tools', () => {
    expect(textsOf({ model: 'm', prediction: { type: 'content', content: 'hidden' } })).toEqual([
      'hidden',
    ])
    expect(textsOf({ model: 'm', prompt: 'a', suffix: 'hidden' })).toEqual(['a', 'hidden'])
    const tool = { type: 'function', function: { name: 'f', description: 'hidden' } }
    expect(textsOf({ model: 'm', tools: [tool] })).toEqual(['hidden'])
  })
})

test('what is held back of one block comes out before the next one begins', async () => {
  const named = (index: number, name: string): Choice => ({
    index: 0,
    delta: { tool_calls: [{ index, id: `call_${index}`, function: { name, arguments: '' } }] },
  })
  const more = (index: number, text: string): Choice => ({
    index: 0,
    delta: { tool_calls: [{ index, function: { arguments: text } }] },
  })
  const out = await mapped([
    { choices: [{ index: 0, delta: { reasoning: 'think sec' } }] },
    { choices: [{ index: 0, delta: { content: 'say sec' } }] },
    { choices: [named(0, 'look')] },
    { choices: [more(0, '{"a":"sec')] },
    { choices: [named(1, 'look')] },
    { choices: [more(1, '{}')] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
  ])
  const deltas = out.map(({ choices }) => choices?.[0]?.delta)
  expect(deltas[1]).toEqual({ content: 'say ', reasoning: 'sec' })
  expect(deltas[2]?.content).toBe('sec')
  expect(deltas[4]?.tool_calls?.map(({ index }) => index)).toEqual([0, 1])
  expect(deltas[4]?.tool_calls?.[0]?.function?.arguments).toBe('sec')
  expect(deltas.at(-1)).toEqual({})
})

test('thoughts and their sum keep step when another thought begins, or one is signed', async () => {
  const thought = (index: number, text: string, more: object = {}): Chunk => ({
    choices: [
      {
        index: 0,
        delta: {
          ...(text !== '' && { reasoning: text }),
          reasoning_details: [
            { type: 'reasoning.text', index, ...(text !== '' && { text }), ...more },
          ],
        },
      },
    ],
  })
  const out = await mapped([
    thought(0, 'a sec'),
    thought(1, 'secret sec'),
    thought(1, '', { signature: 'signed' }),
    { choices: [{ index: 0, delta: { content: 'done' }, finish_reason: 'stop' }] },
  ])
  const deltas = out.map(({ choices }) => choices?.[0]?.delta)
  expect(deltas.map((delta) => delta?.reasoning ?? '')).toEqual(['a ', 'sec[x] ', 'sec', ''])
  expect(deltas[1]?.reasoning_details).toEqual([
    { type: 'reasoning.text', index: 0, text: 'sec' },
    { type: 'reasoning.text', index: 1, text: '[x] ' },
  ])
  expect(deltas[2]?.reasoning_details).toEqual([
    { type: 'reasoning.text', index: 1, signature: 'signed', text: 'sec' },
  ])
})

test('a piece of an answer that speaks and calls a tool says what was held back before both', async () => {
  const out = await mapped([
    { choices: [{ index: 0, delta: { content: 'a sec' } }] },
    {
      choices: [
        {
          index: 0,
          delta: { content: ' sec', tool_calls: [{ index: 0, function: { name: 'f' } }] },
        },
      ],
    },
  ])
  expect(out.map(({ choices }) => choices?.[0]?.delta?.content)).toEqual(['a ', 'sec sec'])
})
