import { expect, test } from 'bun:test'
import { createFinder, kinds, type Finder } from '../../../plugins/privacy/find.ts'
import { createCorpus, createHome, regions, type Sample } from './corpus.ts'

const seed = 20_261_124
const finderFor = (home: readonly string[]): Promise<Finder> =>
  createFinder({ regions: [...home], words: {}, patterns: {}, recognises: [] }, kinds)

/** What a check digit or a fixed form vouches for. */
const checked = ['credit_card', 'iban', 'national_id', 'ip_address']

const recallOf = (finder: Finder, samples: readonly Sample[]) => {
  const isFound = ({ kind, text, start, end }: Sample): boolean =>
    finder.find(text).some((hit) => hit.kind === kind && hit.start === start && hit.end === end)
  return (some: readonly Sample[] = samples) => some.filter(isFound).length / some.length
}

/** One line for each of a field's values; what is not found in full is named by its sort. */
const report = (samples: readonly Sample[], recall: ReturnType<typeof recallOf>) =>
  [...Map.groupBy(samples, ({ kind }) => kind)].map(([kind, some]) => ({
    kind,
    samples: some.length,
    recall: recall(some),
    below: [...Map.groupBy(some, ({ sort }) => sort)]
      .filter(([, few]) => recall(few) < 1)
      .map(([sort, few]) => `${sort} ${recall(few).toFixed(2)}`)
      .join(', '),
  }))

test('what is private is found, with its exact place, wherever it stands', async () => {
  const corpus = createCorpus(seed)
  const lines = report(corpus, recallOf(await finderFor([]), corpus))
  console.table(lines)
  expect(corpus.length).toBeGreaterThanOrEqual(2000)
  expect(lines.map(({ kind }) => kind).sort()).toEqual([...kinds].sort())
  for (const { kind, recall } of lines)
    expect(recall, kind).toBeGreaterThanOrEqual(checked.includes(kind) ? 0.98 : 0.95)
})

test('telephone numbers as at home are found in their regions', async () => {
  const home = createHome(seed)
  const lines = report(home, recallOf(await finderFor(regions), home))
  console.table(lines)
  for (const { recall } of lines) expect(recall).toBeGreaterThanOrEqual(0.95)
})
