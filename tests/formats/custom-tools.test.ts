import { describe, expect, test } from 'bun:test'
import type { Chunk, Delta, Request } from '../../src/chat.ts'
import { fold } from '../../src/fold.ts'
import {
  createCustomCalls,
  customNames,
  inputOf,
  withoutCustomTools,
} from '../../src/formats/custom-tools.ts'
import { createOneString } from '../../src/formats/one-string.ts'

const patch =
  '*** Begin Patch\n*** Update File: grüße.txt\n-"hallo"\\\n+grüezi 漢 👩🏽‍🚀\t\u0001\n*** End Patch'

/** The same JSON, with everything that may be an escape written as one. */
const escaped = (json: string): string =>
  json.replace(
    /[\u0080-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const inPieces = (pieces: readonly string[]): string => {
  const string = createOneString()
  return pieces.map((piece) => string.push(piece)).join('') + string.end()
}

const shapes: readonly (readonly [name: string, json: string, text: string])[] = [
  ['plain', JSON.stringify({ input: patch }), patch],
  ['all escaped', escaped(JSON.stringify({ input: patch })), patch],
  ['spaced', ` {\n "input" : ${JSON.stringify(patch)}\n} `, patch],
  ['of another key', JSON.stringify({ 'pa"tch': patch }), patch],
  ['empty', JSON.stringify({ input: '' }), ''],
  ['no member', '{}', ''],
  ['nothing', '', ''],
  ['escaped slash', '{"input":"a\\/b\\b\\f"}', 'a/b\b\f'],
  ['a later string', JSON.stringify({ n: 1, input: patch }), patch],
  ['a bare string', JSON.stringify(patch), patch],
  ['no JSON at all', patch, patch],
  ['a number', '{"input":7}', '{"input":7}'],
  ['cut off', '{"input":"abc', 'abc'],
  ['cut off in an escape', '{"input":"abc\\ud83d', 'abc'],
]

describe('the one string of a function that stands for a custom tool', () => {
  for (const [name, json, text] of shapes)
    test(`is found, ${name}, wherever its JSON is cut`, () => {
      expect(inputOf(json)).toBe(text)
      for (let first = 0; first <= json.length; first++)
        expect(inPieces([json.slice(0, first), json.slice(first)])).toBe(text)
      expect(inPieces([...json].flatMap((char) => char.split('')))).toBe(text)
    })

  test('never comes out with half a surrogate pair', () => {
    for (const json of [
      JSON.stringify({ input: patch }),
      escaped(JSON.stringify({ input: patch })),
    ]) {
      const string = createOneString()
      for (const unit of json.split('')) expect(string.push(unit).isWellFormed()).toBe(true)
    }
  })
})

const request: Request = {
  model: 'm',
  messages: [
    { role: 'user', content: 'Patch it.' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'call_1', type: 'custom', custom: { name: 'apply_patch', input: patch } },
        { id: 'call_2', type: 'function', function: { name: 'ls', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_1', content: 'Done.' },
  ],
  tools: [
    {
      type: 'custom',
      custom: {
        name: 'apply_patch',
        description: 'Applies a patch.',
        format: { type: 'grammar', grammar: { syntax: 'lark', definition: 'start: "x"' } },
      },
    },
    { type: 'function', function: { name: 'ls', parameters: { type: 'object' } } },
    { type: 'web_search' },
  ],
  tool_choice: { type: 'custom', custom: { name: 'apply_patch' } },
}

describe('a request with custom tools', () => {
  test('becomes one with functions, its calls and its choice too', () => {
    const mapped: any = withoutCustomTools(request)
    expect(mapped.tools[0]).toEqual({
      type: 'function',
      function: {
        name: 'apply_patch',
        description: 'Applies a patch.\n\nThe input must match this lark grammar:\nstart: "x"',
        parameters: {
          type: 'object',
          properties: { input: { type: 'string', description: expect.any(String) } },
          required: ['input'],
          additionalProperties: false,
        },
      },
    })
    expect(mapped.tools.slice(1)).toEqual((request.tools as unknown[]).slice(1))
    expect(mapped.tool_choice).toEqual({ type: 'function', function: { name: 'apply_patch' } })
    expect(mapped.messages[1].tool_calls).toEqual([
      {
        id: 'call_1',
        type: 'function',
        function: { name: 'apply_patch', arguments: JSON.stringify({ input: patch }) },
      },
      request.messages![1]!.tool_calls![1],
    ])
    expect(mapped.messages[0]).toBe(request.messages![0])
  })

  test('stays itself when it has none', () => {
    const plain: Request = { model: 'm', messages: [{ role: 'user', content: 'Hi' }], tools: [] }
    expect(withoutCustomTools(plain)).toBe(plain)
  })

  test('names them', () => {
    expect([...customNames(request)]).toEqual(['apply_patch'])
  })
})

const names = new Set(['apply_patch'])

const pieces = (json: string, size: number): Chunk[] => {
  const chunk = (delta: Delta, finish_reason: string | null = null): Chunk => ({
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
  })
  const made = [
    chunk({ role: 'assistant', content: '' }),
    chunk({
      tool_calls: [
        {
          index: 0,
          id: 'call_0',
          type: 'function',
          function: { name: 'ls', arguments: '{"a":"b"}' },
        },
        {
          index: 1,
          id: 'call_1',
          type: 'function',
          function: { name: 'apply_patch', arguments: '' },
        },
      ],
    }),
  ]
  for (let at = 0; at < json.length; at += size)
    made.push(
      chunk({ tool_calls: [{ index: 1, function: { arguments: json.slice(at, at + size) } }] }),
    )
  return [...made, chunk({}, 'tool_calls')]
}

describe('an answer with such a function', () => {
  test('has the custom call again, however it is cut', () => {
    for (const [, json, text] of shapes)
      for (const size of [1, 2, 3, 7, 1000]) {
        const calls = createCustomCalls(names)
        const whole = pieces(json, size)
          .map((chunk) => calls.restore(chunk))
          .reduce(fold)
        expect(whole.choices?.[0]?.delta?.tool_calls).toEqual([
          {
            index: 0,
            id: 'call_0',
            type: 'function',
            function: { name: 'ls', arguments: '{"a":"b"}' },
          },
          { index: 1, id: 'call_1', type: 'custom', custom: { name: 'apply_patch', input: text } },
        ])
      }
  })

  test('whole has it too', () => {
    const chunk: Chunk = {
      object: 'chat.completion',
      choices: [
        {
          index: 0,
          delta: {
            tool_calls: [
              {
                id: 'call_1',
                type: 'function',
                function: { name: 'apply_patch', arguments: JSON.stringify({ input: patch }) },
              },
            ],
          },
          finish_reason: 'tool_calls',
        },
      ],
    }
    expect(createCustomCalls(names).restore(chunk).choices?.[0]?.delta?.tool_calls).toEqual([
      { id: 'call_1', type: 'custom', custom: { name: 'apply_patch', input: patch } },
    ])
  })

  test('that called no such function stays itself', () => {
    const chunk: Chunk = {
      choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: 'stop' }],
    }
    expect(createCustomCalls(names).restore(chunk)).toBe(chunk)
  })
})
