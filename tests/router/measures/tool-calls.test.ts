import { describe, expect, test } from 'bun:test'
import { toolCallsSound } from '../../../src/router/measures/tool-calls.ts'

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })
const tool = (parameters?: unknown, name = 'look') => ({
  type: 'function',
  function: { name, ...(parameters !== undefined && { parameters }) },
})

const sound = (parameters: unknown, text: string, name = 'look') =>
  toolCallsSound({ model: 'm', tools: [tool(parameters)] }, [
    { function: { name, arguments: text } },
  ])

const city = object({ city: { type: 'string' }, days: { type: 'integer' } }, { required: ['city'] })

/** A schema that is itself twice: each level of the value doubles the work. */
const doubling = (keyword: string) => ({
  [keyword]: [
    object({ a: { $ref: '#' } }, { required: ['b'] }),
    object({ a: { $ref: '#' } }, { required: ['c'] }),
    {},
  ],
})
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`

const cases: readonly (readonly [
  what: string,
  sound: boolean,
  parameters: unknown,
  text: string,
])[] = [
  ['arguments that match', true, city, '{"city":"Zürich","days":3}'],
  ['no JSON', false, city, '{"city":"Zür'],
  ['an argument of another type', false, city, '{"city":7}'],
  ['a missing argument', false, city, '{"days":3}'],
  ['a fraction for an integer', false, city, '{"city":"x","days":1.5}'],
  ['arguments that are no object', false, city, '"Zürich"'],
  ['one argument too many', false, { ...city, additionalProperties: false }, '{"city":"x","z":1}'],
  ['a word that is not on the list', false, object({ u: { enum: ['c', 'f'] } }), '{"u":"k"}'],
  ['nothing for a tool that takes nothing', true, object({}), ''],
  ['nothing for a tool that takes something', false, city, ' '],
  ['anything for a tool without a schema', true, undefined, '[1]'],
  ['no JSON for a tool without a schema', false, undefined, '[1'],
  ['a null schema', true, null, '{}'],
  ['a schema that is a text', true, 'object', '{}'],
  ['a schema that makes no sense', true, { type: 7, properties: [], required: 3 }, '{}'],
  ['a reference to nowhere', true, { $ref: '#/definitions/x' }, '{}'],
  ['a reference elsewhere', true, { $ref: 'https://example.com/x.json' }, '{}'],
  [
    'a reference that is kept',
    true,
    object({ a: { $ref: '#/$defs/n' } }, { $defs: { n: { type: 'number' } } }),
    '{"a":1}',
  ],
  [
    'a reference that is not kept',
    false,
    object({ a: { $ref: '#/$defs/n' } }, { $defs: { n: { type: 'number' } } }),
    '{"a":"1"}',
  ],
  [
    'an argument that is called as a keyword is',
    false,
    object({ pattern: { type: 'string' }, format: { type: 'string' } }),
    '{"pattern":1}',
  ],
  ['an expression, which is not judged', true, object({ a: { pattern: '^b$' } }), '{"a":"c"}'],
  [
    'names that an expression may allow',
    true,
    { type: 'object', patternProperties: { '^x': {} }, additionalProperties: false },
    '{"xy":1}',
  ],
  [
    'arguments of some length',
    true,
    object({ t: { type: 'number' } }),
    `{"t":"${'x'.repeat(20_000)}"}`,
  ],
  ['a schema of some length', true, { ...city, description: 'x'.repeat(20_000) }, '{"city":1}'],
]

describe('a tool call', () => {
  test.each(cases)('with %s: %j', async (_what, expected, parameters, text) => {
    const before = JSON.stringify(parameters)
    expect(await sound(parameters, text)).toBe(expected)
    expect(JSON.stringify(parameters)).toBe(before)
  })

  test('must name a tool of the request', async () => {
    expect(await sound(city, '{"city":"x"}', 'lock')).toBe(false)
    expect(await sound(city, '{"city":"x"}', '')).toBe(false)
  })

  test('may name what a hosted tool is called', async () => {
    const call = { function: { name: 'bash', arguments: '{"command":"ls"}' } }
    expect(
      await toolCallsSound({ model: 'm', tools: [tool(city), { type: 'bash_1', name: 'bash' }] }, [
        call,
      ]),
    ).toBe(true)
    expect(
      await toolCallsSound({ model: 'm', tools: [tool(city), { type: 'bash_1' }] }, [call]),
    ).toBe(true)
    expect(await toolCallsSound({ model: 'm', tools: [tool(city)] }, [call])).toBe(false)
  })

  test('that is unsound spoils its neighbours', async () => {
    const good = { function: { name: 'look', arguments: '{"city":"x"}' } }
    const bad = { function: { name: 'look', arguments: '{}' } }
    const tools = [tool(city)]
    expect(await toolCallsSound({ model: 'm', tools }, [good, good])).toBe(true)
    expect(await toolCallsSound({ model: 'm', tools }, [good, bad])).toBe(false)
    expect(await toolCallsSound({ model: 'm', tools }, [])).toBe(true)
  })

  test('of free text fits', async () => {
    const tools = [{ type: 'custom', custom: { name: 'patch' } }]
    expect(
      await toolCallsSound({ model: 'm', tools }, [{ custom: { name: 'patch', input: '{' } }]),
    ).toBe(true)
  })

  test('is judged in bounded work, whatever its schema', async () => {
    for (const keyword of ['anyOf', 'allOf', 'oneOf'])
      expect(await sound(doubling(keyword), deep(60))).toBe(true)
    expect(await sound({ $ref: '#' }, '{}')).toBe(true)
    expect(await sound(object({ a: { $ref: '#' } }), deep(3_000))).toBe(true)
    const slow = object({ a: { pattern: '^(a+)+$' }, b: { uniqueItems: true } })
    expect(await sound(slow, JSON.stringify({ a: `${'a'.repeat(60)}!`, b: [1, 1] }))).toBe(true)
  })
})
