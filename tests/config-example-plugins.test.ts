import { expect, test } from 'bun:test'
import * as v from 'valibot'
import { parse } from 'yaml'
import { termsSchema } from '../src/config/plugin-terms.ts'
import { builtinDefinition, builtinNames } from '../src/plugins.ts'

const lines = (await Bun.file(`${import.meta.dir}/../config.example.yaml`).text()).split('\n')
const own = lines.slice(lines.indexOf('plugins:') + 1)

/** The plugins as they stand there, those that are commented out too. */
const entries: readonly unknown[] = parse(
  own.map((line) => line.replace(/^ {2}# (?=- | {4})/, '  ')).join('\n'),
)
const shown = new Map(entries.flatMap((entry) => Object.entries(entry as object)))

test('every plugin is in the example', () => {
  expect(builtinNames().filter((name) => !shown.has(name))).toEqual([])
})

test.each(builtinNames())(
  '%s is shown with all of its options, as they may be written',
  async (name) => {
    const { options } = await builtinDefinition(name)
    const written = { ...(shown.get(name) as object) }
    for (const term of Object.keys(termsSchema.entries)) Reflect.deleteProperty(written, term)
    const { success, issues } = v.safeParse(options, written)
    expect(issues?.map(({ message }) => message)).toBeUndefined()
    expect(success).toBe(true)
    const known = Object.keys((options as any).entries ?? (options as any).pipe?.[0]?.entries ?? {})
    expect(known.filter((option) => !(option in written))).toEqual([])
  },
)

test('what may be said of any plugin is shown too', () => {
  const written = shown.get('./plugins/hello.ts') as object
  expect(Object.keys(written).toSorted()).toEqual(Object.keys(termsSchema.entries).toSorted())
  expect(v.safeParse(termsSchema, written).success).toBe(true)
})
