import { describe, expect, test } from 'bun:test'
import { join, resolve } from 'node:path'
import { countOf, kindOf, lookUp, wordOf } from '../../src/formats/unchecked.ts'

/** What JSON can hold that breaks who takes it for a text or a number. */
const hostile = [
  { toString: 1, valueOf: null },
  { toString: null },
  JSON.parse('{"__proto__":null,"toString":{}}'),
  [],
  [[{ toString: 1 }]],
  null,
  undefined,
]

describe('a value from outside', () => {
  test('is a text where it is one, and never breaks who asks', () => {
    for (const value of hostile) {
      expect(wordOf(value)).toBe('')
      expect(wordOf(value, 'else')).toBe('else')
      expect(kindOf(value)).toBe('unknown')
      expect(countOf(value)).toBe(0)
      expect(lookUp({ a: 1 }, value)).toBeUndefined()
    }
    expect([wordOf('a'), wordOf(7), wordOf(true)]).toEqual(['a', '7', 'true'])
  })

  test('is a kind only where it is a word', () => {
    expect(kindOf('web_search_20250305')).toBe('web_search_20250305')
    for (const odd of ['', 'two words', '東京', 'a\nb', 'x'.repeat(65)])
      expect(kindOf(odd)).toBe('unknown')
  })

  test('counts nothing where it is no number of things', () => {
    expect([countOf(3), countOf(3.7), countOf(-1), countOf(NaN), countOf(Infinity)]).toEqual([
      3, 3, 0, 0, 0,
    ])
    expect(countOf('3')).toBe(0)
  })

  test('finds in a table what stands there, not what every object has', () => {
    const table = { known: 'yes' }
    expect(lookUp(table, 'known')).toBe('yes')
    for (const inherited of ['toString', 'constructor', '__proto__', 'hasOwnProperty'])
      expect(lookUp(table, inherited)).toBeUndefined()
  })
})

const root = resolve(import.meta.dir, '../../src')
const read = [...new Bun.Glob('{dialects,surfaces,formats}/**/*.ts').scanSync(root)]
  .filter((file) =>
    /^(formats|(surfaces|dialects)\/(messages|anthropic|gemini|responses|ollama))/.test(file),
  )
  .sort()

test.each(read)('%s makes no text of what may be no text by String or Number', async (file) => {
  const code = await Bun.file(join(root, file)).text()
  // a number’s digits, and a step that is typed as one or the other
  const known =
    /String\((step|strings\[0\])\)|Number\(query|Number\(`|Number\(number\)|Number\(value\)\]|Number\((one|other)\.rank\)|Number\(wordOf/g
  expect(code.replace(known, '')).not.toMatch(/(?<![\w.])(String|Number)\(/)
})
