import { describe, expect, test } from 'bun:test'
import { readJson, type JsonText } from '../src/json.ts'
import { rewrite, splice } from '../src/splice.ts'
import { createRandom, type Random } from './support/random.ts'

const read = (text: string): JsonText => readJson(text, { max_depth: 64, max_keys: 100_000 })

type Value = unknown

const names = ['a', 'b', 'text', 'größe', 'q"uote', 'back\\slash', '', '0', 'toString', '__proto__']
const strings = ['', 'x', 'hello', 'ä漢👩🏽‍🚀', '"', '\\', '\n\t', '{"a":1}', ']},[{', ' , ', '\u2028']

const anyValue = (random: Random, depth: number): Value => {
  const kind = random()
  if (depth > 0 && kind < 0.3)
    return Array.from({ length: Math.floor(random() * 4) }, () => anyValue(random, depth - 1))
  if (depth > 0 && kind < 0.65) return anyObject(random, depth)
  return random.pick<Value>([null, true, false, 0, -1.5e3, 42, ...strings.map((text) => text)])
}

const anyObject = (random: Random, depth: number): Record<string, Value> => {
  const object: Record<string, Value> = {}
  for (let at = 0; at < random() * 5; at++)
    Object.defineProperty(object, random.pick(names), {
      value: anyValue(random, depth - 1),
      enumerable: true,
      configurable: true,
      writable: true,
    })
  return object
}

const space = (random: Random): string => random.pick(['', '', '', ' ', '\n', '\t', '\r\n  '])

const escaped = (random: Random, text: string): string => {
  const json = JSON.stringify(text)
  return random() < 0.3 ? `"${json.slice(1, -1).replace(/[^ -~]/g, hex)}"` : json
}
const hex = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`

/** The value as somebody writes it: with spaces and escapes of their own. */
const written = (random: Random, value: Value): string => {
  const gap = () => space(random)
  if (typeof value === 'string') return escaped(random, value)
  if (Array.isArray(value))
    return `[${gap()}${value.map((item) => written(random, item)).join(`${gap()},${gap()}`)}${gap()}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([key, item]) => `${escaped(random, key)}${gap()}:${gap()}${written(random, item)}`,
    )
    return `{${gap()}${members.join(`${gap()},${gap()}`)}${gap()}}`
  }
  return JSON.stringify(value)
}

/** The value with something changed, added, removed or moved. */
const mutated = (random: Random, value: Value, depth = 3): Value => {
  if (random() < 0.15) return anyValue(random, 1)
  if (depth === 0) return value
  if (Array.isArray(value)) {
    const list = value.map((item) => (random() < 0.3 ? mutated(random, item, depth - 1) : item))
    if (random() < 0.3)
      list.splice(Math.floor(random() * (list.length + 1)), 0, anyValue(random, 1))
    if (random() < 0.3) list.splice(Math.floor(random() * list.length), 1)
    return random() < 0.1 ? list.toReversed() : list
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
      .filter(() => random() > 0.15)
      .map(([key, item]) => [key, random() < 0.4 ? mutated(random, item, depth - 1) : item])
    if (random() < 0.3) entries.push([random.pick(names), anyValue(random, 1)])
    return Object.fromEntries(entries)
  }
  return value
}

const seeds = Array.from({ length: 4_000 }, (_, at) => at + 1)
const forAll = (check: (random: Random) => void): void => {
  for (const seed of seeds) {
    try {
      check(createRandom(seed))
    } catch (error) {
      throw new Error(`seed ${seed}: ${error}`, { cause: error })
    }
  }
}

const sourceFor = (random: Random): JsonText =>
  read(space(random) + written(random, anyObject(random, 4)) + space(random))

describe('rewrite', () => {
  test('changes nothing where nothing changed', () => {
    forAll((random) => {
      const source = sourceFor(random)
      expect(
        rewrite(source, structuredClone(source.value) as object as Record<string, unknown>),
      ).toBe(source.text)
    })
  })

  test('says exactly what is wanted', () => {
    forAll((random) => {
      const source = sourceFor(random)
      const next = mutated(random, source.value)
      if (typeof next !== 'object' || next === null || Array.isArray(next)) return
      const text = rewrite(source, next as Record<string, unknown>)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(next)))
    })
  })

  test('changes one string and not a byte beside it', () => {
    forAll((random) => {
      const value = {
        model: 'm',
        list: [anyValue(random, 2), 'MARK', anyValue(random, 2)],
        ...anyObject(random, 2),
      }
      value.list = [
        anyValue(random, 2),
        { deep: ['MARK', anyValue(random, 1)] },
        anyValue(random, 2),
      ] as never
      const source = read(written(random, value))
      const next = JSON.parse(source.text.replace('"MARK"', '"changed"'))
      expect(rewrite(source, next)).toBe(source.text.replace('"MARK"', '"changed"'))
    })
  })

  test('keeps every byte before the first change', () => {
    forAll((random) => {
      const messages = Array.from({ length: 6 }, (_, at) => ({
        role: 'user',
        content: `${at} ${random.pick(strings)}`,
        ...(random() < 0.5 && { cache_control: { type: 'ephemeral' } }),
      }))
      const source = read(written(random, { model: 'm', tools: [anyObject(random, 3)], messages }))
      const at = Math.floor(random() * 6)
      const changed = { ...messages[at], content: 'changed' }
      const next = random.pick([
        messages.with(at, changed as never),
        messages.toSpliced(at, 0, changed as never),
        messages.toSpliced(at, 1),
        [...messages, changed],
      ])
      const text = rewrite(source, { ...source.value, messages: next })
      expect(JSON.parse(text).messages).toEqual(JSON.parse(JSON.stringify(next)))
      const kept = next.findIndex((message, place) => !Bun.deepEquals(message, messages[place]))
      const stable = kept === -1 ? messages.length - 1 : kept
      if (stable <= 0) return
      const marker = written1(source.text, `${stable - 1} `)
      expect(text.startsWith(source.text.slice(0, marker))).toBe(true)
    })
  })

  test.each([
    ['{ }', {}, '{ }'],
    ['{"a":1}', {}, '{}'],
    ['{ "a" : 1 }', { a: 1, b: 2 }, '{ "a" : 1,"b":2 }'],
    ['{"a":1,"b":2,"c":3}', { a: 1, c: 3 }, '{"a":1,"c":3}'],
    ['{"a":1, "b":2, "c":3}', { b: 2, c: 3 }, '{"b":2, "c":3}'],
    ['{"a":[ ]}', { a: [1] }, '{"a":[1]}'],
    ['{"a":[1, 2, 3]}', { a: [0, 1, 2, 3] }, '{"a":[0,1, 2, 3]}'],
    ['{"n":1.0,"m":1}', { n: 1, m: 2 }, '{"n":1.0,"m":2}'],
    [
      '{"n":12345678901234567890,"m":1}',
      { n: Number('12345678901234567890'), m: 2 },
      '{"n":12345678901234567890,"m":2}',
    ],
    ['{"a":1,"a":2,"b":3}', { a: 2, b: 3 }, '{"a":1,"a":2,"b":3}'],
    ['{"a":1,"a":2,"b":3}', { a: 2, b: 4 }, '{"a":2,"b":4}'],
  ])('%s, wanted %j', (text, next, wanted) => {
    expect(rewrite(read(text), next)).toBe(wanted)
  })
})

const written1 = (text: string, prefix: string): number => {
  const at = text.indexOf(`"${prefix}`)
  return text.indexOf('"', at + 1) + 1
}

/** What of a value somebody understands: some fields are unknown to it. */
const understood = (random: Random, value: Value): Value => {
  if (Array.isArray(value)) return value.map((item) => understood(random, item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(() => random() > 0.3)
      .map(([key, item]) => [key, understood(random, item)]),
  )
}

const isObject = (value: Value): value is Record<string, Value> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The difference between two values made in a third, the slow way; lists keep their lengths. */
const merge = (value: Value, before: Value, after: Value): Value => {
  if (Bun.deepEquals(before, after)) return value
  if (Array.isArray(value) && Array.isArray(before) && Array.isArray(after))
    return value.map((item, at) => merge(item, before[at], after[at]))
  if (!isObject(value) || !isObject(before) || !isObject(after)) return after
  const has = (object: object, key: string) => Object.hasOwn(object, key)
  const kept = Object.entries(value).flatMap(([key, item]) => {
    if (has(after, key))
      return [[key, merge(item, has(before, key) ? before[key] : undefined, after[key])]]
    return has(before, key) ? [] : [[key, item]]
  })
  const added = Object.entries(after).filter(
    ([key, item]) => !has(value, key) && !(has(before, key) && Bun.deepEquals(before[key], item)),
  )
  return Object.fromEntries([...kept, ...added])
}

/** Changes leaves and fields, and leaves lists as long as they are. */
const altered = (random: Random, value: Value): Value => {
  if (Array.isArray(value))
    return value.map((item) => (random() < 0.3 ? altered(random, item) : item))
  if (isObject(value)) {
    const entries = Object.entries(value)
      .filter(() => random() > 0.1)
      .map(([key, item]) => [key, random() < 0.4 ? altered(random, item) : item])
    if (random() < 0.2) entries.push([random.pick(names), random.pick(strings)])
    return Object.fromEntries(entries)
  }
  return random.pick(strings)
}

describe('splice', () => {
  test('keeps what neither side mentions', () => {
    forAll((random) => {
      const source = sourceFor(random)
      const before = understood(random, source.value) as Record<string, Value>
      const after = altered(random, before) as Record<string, Value>
      const unstable = (list: Value): boolean =>
        Array.isArray(list)
          ? new Set(list.map((item) => JSON.stringify(item))).size < list.length ||
            list.some(unstable)
          : isObject(list) && Object.values(list).some(unstable)
      // equal items may stand for one another
      if (unstable(before) || unstable(after)) return
      expect(JSON.parse(splice(source, before, after))).toEqual(
        merge(source.value, before, after) as object,
      )
    })
  })

  test('changes nothing where both sides agree, whatever they say', () => {
    forAll((random) => {
      const source = sourceFor(random)
      const said = anyObject(random, 3)
      expect(splice(source, said, structuredClone(said))).toBe(source.text)
    })
  })

  test('keeps unknown fields also where keys repeat or are escaped', () => {
    for (const text of [
      '{"model":"a","novel":[1],"mod\\u0065l":"b","x":{"k\\u0065y":1,"y":2}}',
      '{"model":"a","novel":[1],"model":"b","x":{"key":1,"y":2}}',
    ]) {
      expect(JSON.parse(splice(read(text), { model: 'b' }, { model: 'c' }))).toEqual({
        model: 'c',
        novel: [1],
        x: { key: 1, y: 2 },
      })
      expect(JSON.parse(splice(read(text), { x: { key: 1 } }, { x: { key: 3 } }))).toEqual({
        model: 'b',
        novel: [1],
        x: { key: 3, y: 2 },
      })
    }
  })

  test('unknown fields of an item go where the item goes', () => {
    const source = read('{"list":[{"id":1,"novel":"one"},{"id":2,"novel":"two"},{"id":3}]}')
    const ids = (...list: number[]) => ({ list: list.map((id) => ({ id })) })
    const spliced = (...list: number[]) =>
      JSON.parse(splice(source, ids(1, 2, 3), ids(...list))).list
    expect(spliced(2, 3, 4)).toEqual([{ id: 2, novel: 'two' }, { id: 3 }, { id: 4 }])
    expect(spliced(0, 1, 2)).toEqual([{ id: 0 }, { id: 1, novel: 'one' }, { id: 2, novel: 'two' }])
    expect(spliced(1, 9, 3)).toEqual([{ id: 1, novel: 'one' }, { id: 9, novel: 'two' }, { id: 3 }])
    expect(spliced(1, 3)).toEqual([{ id: 1, novel: 'one' }, { id: 3 }])
  })
})
