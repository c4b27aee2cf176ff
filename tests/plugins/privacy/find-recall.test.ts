import { expect, test } from 'bun:test'
import { createFinder, kinds } from '../../../plugins/privacy/find.ts'
import { createCorpus, type Sample } from './corpus.ts'

const corpus = createCorpus(20_261_124)
const finder = await createFinder({ regions: [], words: {}, patterns: {}, recognises: [] }, kinds)

/** What a check digit vouches for. */
const checked = ['credit_card', 'iban', 'national_id', 'ip_address']

const isFound = ({ kind, text, start, end }: Sample): boolean =>
  finder.find(text).some((hit) => hit.kind === kind && hit.start === start && hit.end === end)

const share = (samples: readonly Sample[]): number =>
  samples.filter(isFound).length / samples.length

const by = (field: 'kind' | 'sort', samples: readonly Sample[]): [string, Sample[]][] => [
  ...Map.groupBy(samples, (sample) => sample[field]),
]

test('what is private is found, with its exact place, wherever it stands', () => {
  expect(corpus.length).toBeGreaterThanOrEqual(2000)
  const report = by('kind', corpus).map(([kind, samples]) => {
    const worst = by('sort', samples)
      .map(([sort, some]) => ({ sort, recall: share(some) }))
      .filter(({ recall }) => recall < 1)
      .map(({ sort, recall }) => `${sort} ${recall.toFixed(2)}`)
    return { kind, samples: samples.length, recall: share(samples), below: worst.join(', ') }
  })
  console.table(report)
  expect(report.map(({ kind }) => kind).sort()).toEqual([...kinds].sort())
  for (const { kind, recall } of report)
    expect(recall, kind).toBeGreaterThanOrEqual(checked.includes(kind) ? 0.98 : 0.95)
})
