import { expect, test } from 'bun:test'
import { GatewayError } from '../src/errors.ts'
import { prepend, readJson, type JsonLimits } from '../src/json.ts'
import { rewrite } from '../src/splice.ts'
import { createRandom, type Random } from './support/random.ts'

const limits: JsonLimits = { max_depth: 64, max_keys: 20_000 }
const read = (text: string, more: Partial<JsonLimits> = {}) =>
  readJson(text, { ...limits, ...more })

const codeOf = (text: string, more: Partial<JsonLimits> = {}): string => {
  try {
    read(text, more)
    return 'accepted'
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError)
    expect((error as GatewayError).status).toBe(400)
    return (error as GatewayError).code
  }
}

/** What stands in the text for a member, without its key. */
const written = (text: string, key: string): string | undefined => {
  const member = read(text).members?.find((candidate) => candidate.key === key)
  return member && text.slice(member.valueStart, member.end)
}

test('nesting is allowed up to the limit and refused above it', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  expect(codeOf(nested(5), { max_depth: 5 })).toBe('accepted')
  expect(codeOf(nested(6), { max_depth: 5 })).toBe('json_too_complex')
  expect(codeOf('{"a":{"b":{"c":1}}}', { max_depth: 2 })).toBe('json_too_complex')
})

test('keys are counted at every level, and refused above the limit', () => {
  const keys = (count: number) =>
    `{"a":[${Array.from({ length: count - 1 }, (_, n) => `{"k${n}":${n}}`).join()}]}`
  expect(codeOf(keys(10), { max_keys: 10 })).toBe('accepted')
  expect(codeOf(keys(11), { max_keys: 10 })).toBe('json_too_complex')
})

test('the limits are enforced before anything is parsed', () => {
  expect(codeOf('['.repeat(1_000_000))).toBe('json_too_complex')
  expect(codeOf(`{${'"k":1,'.repeat(30_000)}`)).toBe('json_too_complex')
})

test('brackets, colons and quotes inside strings count for nothing', () => {
  const text = String.raw`{"a":"{[{[:::,,\"{\\","b":"\\\\\"}]"}`
  expect(codeOf(text, { max_depth: 1, max_keys: 2 })).toBe('accepted')
  expect(rewrite(read(text), read(text).value)).toBe(text)
})

test.each([
  '',
  ' ',
  '{',
  '{"a"',
  '{"a":',
  '{"a":1',
  '{"a":1,}',
  "{'a':1}",
  '{"a":01}',
  '{"a":NaN}',
  '{"a":"b}',
  '{"a":"b\\"}',
  '{"a":1}{"b":2}',
  '{"a":1} x',
  '}{',
  '{"a":1]}',
  '{"a":"\n"}',
  '{"a":"\0"}',
  '\uFEFF{"a":1}',
  '[]',
  '[{"model":"a"}]',
  '"text"',
  'null',
  '12',
  'true',
])('%j is refused as no JSON object', (text) => {
  expect(codeOf(text)).toBe('invalid_json')
})

test.each([
  String.raw`{"a":"\u0000"}`,
  String.raw`{"a\u0000b":1}`,
  String.raw`{"a":["x",{"b":"\ud83d"}]}`,
  String.raw`{"a":"\uDE00\ud83d"}`,
  String.raw`{"\uD800":1}`,
])('NUL and half a surrogate pair are refused wherever they stand: %s', (text) => {
  expect(codeOf(text)).toBe('invalid_json')
})

test.each([String.raw`{"a":"\ud83d\ude00"}`, String.raw`{"a":"\\u0000 \\ud800"}`, '{"a":"😀"}'])(
  'what only looks like them passes and keeps its spelling: %s',
  (text) => {
    expect(rewrite(read(text), read(text).value)).toBe(text)
  },
)

test('an error repeats nothing of the text', () => {
  for (const text of ['{"SECRET":', '["SECRET"]', String.raw`{"SECRET":"\u0000"}`])
    expect(() => read(text)).toThrow(/^(?!.*SECRET)/)
})

test('a second spelling of a key cannot smuggle another value past the gateway', () => {
  for (const text of [
    String.raw`{"model":"a","mod\u0065l":"b"}`,
    String.raw`{"mod\u0065l":"a","model":"b"}`,
    '{"model":"a","model":"b"}',
    String.raw`{"\u006dodel":"a","x":1}`,
  ]) {
    const source = read(text)
    expect(source.members).toBeUndefined()
    const sent = rewrite(source, { ...source.value, model: 'chosen' })
    expect(sent.match(/chosen/g)).toHaveLength(1)
    expect(sent.match(/"(m|\\u006d)od(e|\\u0065)l"/g)).toHaveLength(1)
    expect(JSON.parse(sent)).toEqual({ ...source.value, model: 'chosen' })
  }
})

test('a key that hides in a nested object is no duplicate', () => {
  const text = '{"a":{"model":1},"model":"m","b":[{"model":2}]}'
  expect(rewrite(read(text), { ...read(text).value, model: 'n' })).toBe(
    '{"a":{"model":1},"model":"n","b":[{"model":2}]}',
  )
})

test('a replaced member changes nothing around it, in any position', () => {
  const text = ' {\r\n\t"a" : 1.0 , "b":[ 1 ,2 ] ,\n "c":"é"  }\n'
  const source = read(text)
  const { value } = source
  expect(rewrite(source, { ...value, a: 2 })).toBe(text.replace('1.0', '2'))
  expect(rewrite(source, { ...value, b: 'x' })).toBe(text.replace('[ 1 ,2 ]', '"x"'))
  expect(rewrite(source, { ...value, c: null })).toBe(text.replace('"é"', 'null'))
})

test('a dropped member takes one comma with it, in any position', () => {
  const text = '{ "a": 1, "b": 2, "c": 3 }'
  const { a, b, c } = read(text).value
  expect(rewrite(read(text), { b, c })).toBe('{ "b": 2, "c": 3 }')
  expect(rewrite(read(text), { a, c })).toBe('{ "a": 1,"c": 3 }')
  expect(rewrite(read(text), { a, b })).toBe('{ "a": 1, "b": 2 }')
  expect(rewrite(read(text), { b })).toBe('{ "b": 2 }')
  expect(rewrite(read(text), { a, b: undefined, c })).toBe('{ "a": 1,"c": 3 }')
  expect(JSON.parse(rewrite(read(text), {}))).toEqual({})
})

test('an added member comes last', () => {
  expect(rewrite(read('{ "a": 1 }'), { a: 1, b: { c: 2 } })).toBe('{ "a": 1,"b":{"c":2} }')
  expect(rewrite(read('{ "a": 1 }'), { b: 2 })).toBe('{ "b":2 }')
  expect(rewrite(read('{}'), { b: 2 })).toBe('{"b":2}')
  expect(rewrite(read(' { } '), { b: 2 })).toBe(' {"b":2} ')
})

test('numbers stay as they are written, however JavaScript would round them', () => {
  const text =
    '{"model":"m","seed":12345678901234567890,"top_p":1.0,"x":1e400,"y":-0,"z":0.1000,"w":1E+2}'
  expect(rewrite(read(text), { ...read(text).value, model: 'other' })).toBe(
    text.replace('"m"', '"other"'),
  )
})

test('what every object inherits is a member like any other', () => {
  const text = '{"__proto__":1,"constructor":2,"toString":3,"hasOwnProperty":4,"model":"m"}'
  const source = read(text)
  expect(rewrite(source, source.value)).toBe(text)
  expect(rewrite(source, { ...source.value, model: 'n' })).toBe(text.replace('"m"', '"n"'))
})

test('what every object inherits can be dropped', () => {
  // rewrite asks `next[key]`, which finds Object.prototype's own
  const source = read('{"toString":3,"constructor":2,"model":"m"}')
  expect(rewrite(source, { model: 'm' })).toBe('{"model":"m"}')
})

test('a member goes in front of all others', () => {
  expect(prepend('{"a":1}', 'p', 'x')).toBe('{"p":"x","a":1}')
  expect(prepend(' {\n "a":1}', 'p', 'x')).toBe(' {"p":"x",\n "a":1}')
  expect(prepend('{ }', 'p', 'x')).toBe('{"p":"x" }')
})

const numbers = ['0', '-0', '7', '1.0', '-1.50', '1e400', '12345678901234567890', '2E-7']
const strings = [
  '',
  'a',
  'é',
  '世界 👋🏽',
  '\\n',
  '\\\\',
  '\\"',
  '\\u0041',
  '\\ud83d\\ude00',
  ',:{}[]',
]
const spaces = ['', '', '', ' ', '\n', '\t', '\r\n', '  ']

/** JSON text of any shape, with white space and escapes as careless people write them. */
const someJson = (random: Random, depth: number): string => {
  const space = () => random.pick(spaces)
  const kind = random.pick(
    depth > 0 ? ['number', 'string', 'word', 'list', 'object'] : ['number', 'string', 'word'],
  )
  const some = <T>(make: (n: number) => T) =>
    Array.from({ length: Math.floor(random() * 4) }, (_, n) => make(n))
  if (kind === 'number') return random.pick(numbers)
  if (kind === 'string') return `"${random.pick(strings)}${random.pick(strings)}"`
  if (kind === 'word') return random.pick(['true', 'false', 'null'])
  const item = () => `${space()}${someJson(random, depth - 1)}${space()}`
  if (kind === 'list') return `[${some(item).join() || space()}]`
  return `{${some((n) => `${space()}"${random.pick(strings)}${n}"${space()}:${item()}`).join() || space()}}`
}

/** An object whose keys are written plainly and once each. */
const someObject = (random: Random): { text: string; keys: string[] } => {
  const space = () => random.pick(spaces)
  const keys = ['model', 'messages', 'stream', 'a b', 'ключ', 'x-y', 'n', '']
    .filter(() => random() < 0.6)
    .sort(() => random() - 0.5)
  const members = keys.map(
    (key) => `${space()}"${key}"${space()}:${space()}${someJson(random, 3)}${space()}`,
  )
  return { keys, text: `${space()}{${members.join() || space()}}${space()}` }
}

test('of any object, a rewrite without change is the very text', () => {
  const random = createRandom(1)
  for (let n = 0; n < 2_000; n++) {
    const { text, keys } = someObject(random)
    const source = read(text)
    expect(Object.keys(source.value)).toEqual(keys)
    if (keys.length > 0) expect(rewrite(source, { ...source.value })).toBe(text)
  }
})

test('of any object, a rewrite means what was wanted and keeps the bytes of the rest', () => {
  const random = createRandom(2)
  for (let n = 0; n < 2_000; n++) {
    const { text, keys } = someObject(random)
    const source = read(text)
    const changed: Record<string, unknown> = {}
    for (const key of keys) {
      const fate = random()
      if (fate < 0.2) continue
      changed[key] =
        fate < 0.5 ? JSON.parse(someJson(random, 2).replace('1e400', '1')) : source.value[key]
    }
    if (random() < 0.5) changed.added = { by: ['a', 'plugin'] }
    const next = JSON.parse(JSON.stringify(changed)) // as 1e400 and -0 come out of a re-serialisation
    for (const key of keys)
      if (key in next && changed[key] === source.value[key]) next[key] = source.value[key]

    const sent = rewrite(source, next)
    expect(JSON.parse(sent)).toEqual(next)
    for (const key of keys)
      if (key in next && next[key] === source.value[key])
        expect(written(sent, key)).toBe(written(text, key))
  }
})
