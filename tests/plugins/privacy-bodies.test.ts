import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { doors, sideDoors, type Door } from '../fuzz/bodies.ts'
import { modelFor, startDesk, type Desk } from '../fuzz/gateway.ts'
import { lenient } from '../fuzz/healthy.ts'
import { dialects, type Dialect } from '../support/fixtures.ts'

setDefaultTimeout(120_000)

const mail = 'ada.lovelace@analytical-engines.co.uk'

/** What no model reads: files, and what is sealed. Signed thoughts have a test of their own. */
const sealed = new Set([
  'data',
  'encrypted_content',
  'file_data',
  'id',
  'image_url',
  'images',
  'signature',
  'thoughtSignature',
  'url',
])

type Path = readonly (string | number)[]

/** Where the strings of a body stand. */
const stringsIn = (value: unknown, at: Path = []): Path[] => {
  if (typeof value === 'string') return [at]
  if (typeof value !== 'object' || value === null) return []
  const isText = (value as { type?: unknown }).type === 'text'
  const signed = 'signature' in value
  return Object.entries(value).flatMap(([key, item]) =>
    (signed && (key === 'text' || key === 'thinking')) ||
    (sealed.has(key) && !(key === 'data' && isText))
      ? []
      : stringsIn(item, [...at, Array.isArray(value) ? Number(key) : key]),
  )
}

const changed = (value: any, [key, ...rest]: Path): any => {
  if (key === undefined) return `${value} ${mail}`
  const copy = Array.isArray(value) ? [...value] : { ...value }
  copy[key] = changed(value[key], rest)
  return copy
}

describe('whatever field of a body it stands in', () => {
  let desk: Desk
  beforeAll(async () => {
    desk = await startDesk(['privacy'])
    for (const dialect of dialects) desk.providers[dialect].always(lenient(dialect, () => 0))
  })
  afterAll(() => desk[Symbol.asyncDispose]())

  const leaksOf = async (door: Door, dialect: Dialect): Promise<string[]> => {
    const leaks: string[] = []
    const model = modelFor(dialect)
    const { requests } = desk.providers[dialect]
    let reached = 0
    for (const [number, body] of door.bodies.entries())
      for (const path of stringsIn(body)) {
        const before = requests.length
        const written = door.body(changed(body, path), model, false)
        const posted = await desk.post(
          door.path(model, false),
          JSON.stringify(written),
          door.headers,
        )
        const sent = requests.slice(before).map((request) => `${request.path} ${request.body}`)
        if (sent.some((text) => text.includes('ada.lovelace')))
          leaks.push(`body ${number}, ${path.join('.')}`)
        if (posted.status >= 400 && posted.text.includes('ada.lovelace'))
          leaks.push(`body ${number}, ${path.join('.')}: the error`)
        if (sent.length > 0) reached++
      }
    expect(reached).toBeGreaterThan(0)
    return leaks
  }

  for (const door of doors)
    for (const dialect of dialects)
      test(`${door.name} → ${dialect} lets nothing through`, async () => {
        if (door.name.includes('count') && dialect === 'openai') return
        expect(await leaksOf(door, dialect)).toEqual([])
      })

  for (const door of sideDoors)
    test(`${door.name} → openai lets nothing through`, async () => {
      expect(await leaksOf(door, 'openai')).toEqual([])
    })
})
