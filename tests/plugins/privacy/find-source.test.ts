import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { createFinder, kinds } from '../../../plugins/privacy/find.ts'

const root = join(import.meta.dir, '../../..')
const finder = await createFinder({ regions: [], words: {}, patterns: {}, recognises: [] }, kinds)
const regional = await createFinder(
  { regions: ['DE', 'US'], words: {}, patterns: {}, recognises: [] },
  ['phone'],
)

/** One of so many files, the same wherever they are. */
const every = 14n
const files = [
  ...new Bun.Glob(
    'node_modules/**/*.{js,mjs,cjs,ts,mts,cts,json,md,lock,yaml,yml,css,html}',
  ).scanSync({ cwd: root, dot: true }),
  'bun.lock',
]
  .sort()
  .filter((file) => BigInt(Bun.hash(file)) % every === 0n || file === 'bun.lock')

interface Find {
  readonly kind: string
  readonly value: string
  readonly line: string
  readonly file: string
}

const sources = await Promise.all(
  files.map(async (file) => ({ file, text: await Bun.file(join(root, file)).text() })),
)

const findsOf = (find: typeof finder.find): Find[] =>
  sources.flatMap(({ file, text }) =>
    find(text).map(({ kind, start, end }) => ({
      kind,
      value: text.slice(start, end),
      line: text.slice(
        text.lastIndexOf('\n', start) + 1,
        (text.indexOf('\n', end) + 1 || text.length + 1) - 1,
      ),
      file,
    })),
  )

/** Addresses of authors and of documentation, by the line that they stand in and not by how they are found. */
const isAddress = ({ kind, line, value }: Find): boolean =>
  kind === 'email' &&
  (/author|maintain|contribut|copyright|e-?mail|mailto|contact|bugs|<[^<>]+@[^<>]+>|\([^()\s]+@[^()\s]+\)/i.test(
    line,
  ) ||
    /@(?:[\w-]+\.)*example\.(?:com|org|net)$/i.test(value))

/** Looked at by hand: they are what they look like, being the subject of a package or an example in its documents. */
const subject = /\/(?:libphonenumber-js|ipaddr\.js|fast-uri)\/|\/zod\/.*\/string\.test\.ts$/
const examples = /^\+14155550123$|^(?:10|192\.168)\.[\d.]+$/

const isReviewed = ({ kind, value, file }: Find): boolean =>
  /email|phone|ip_address/.test(kind) && (subject.test(file) || examples.test(value))

test('nothing is found in source code that is not there', () => {
  const size = sources.reduce((sum, { text }) => sum + text.length, 0)
  const finds = findsOf(finder.find)
  const rest = finds.filter((find) => !isAddress(find) && !isReviewed(find))
  console.table([
    {
      files: files.length,
      megabytes: (size / 1e6).toFixed(1),
      finds: finds.length,
      addresses: finds.filter(isAddress).length,
      reviewed: finds.filter(isReviewed).length,
      false: rest.length,
    },
  ])
  expect(size).toBeGreaterThan(5_000_000)
  expect(rest).toEqual([])
})

test('nor telephone numbers as at home, where regions are told', () => {
  const finds = findsOf(regional.find)
  const rest = finds.filter(({ file, value }) => !value.startsWith('+') && !subject.test(file))
  console.table([{ finds: finds.length, false: rest.length }])
  expect(rest.map(({ file, value }) => `${value} ${file}`)).toEqual([])
})
