import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import {
  cells,
  exceptionTo,
  modes,
  partsOf,
  runCell,
  runPart,
  type Cell,
  type Outcome,
} from './cells.ts'
import { exceptions, type Exception } from './exceptions.ts'
import { features } from './features.ts'
import { startMatrixLab, type Lab } from './lab.ts'
import { inBothModes, toMarkdown, toRows } from './table.ts'

let lab: Lab
const outcomes = new Map<Cell, Outcome[]>()
beforeAll(async () => {
  lab = await startMatrixLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

for (const cell of cells) {
  const { surface, dialect, feature } = cell
  for (const mode of modes) {
    test(`${surface.name} → ${dialect.name}: ${feature.name}, ${mode}`, async () => {
      const outcome = await runCell(lab, cell, mode)
      outcomes.set(cell, [...(outcomes.get(cell) ?? []), outcome])
      expect(outcome.failures).toEqual([])
    })
  }
}

test('the README shows the table that came out', async () => {
  // of some cells alone there is no table
  if (outcomes.size < cells.length) return
  const readme = await Bun.file(join(import.meta.dir, '../../README.md')).text()
  const rows = toRows(cells.map((cell) => inBothModes(cell, outcomes.get(cell) ?? [])))
  expect(readme).toContain(toMarkdown(rows))
})

describe('exceptions', () => {
  test('each names a feature and a part that exist, and gives its reason in a sentence', () => {
    for (const { feature, part, reason } of exceptions) {
      const parts = features.find(({ name }) => name === feature)?.parts.map(({ name }) => name)
      expect(parts).toBeDefined()
      if (part !== undefined) expect(parts).toContain(part)
      expect(reason).toMatch(/^[A-Z].*\.$/)
    }
  })

  test('each is needed: what it leaves out would fail', async () => {
    const needed = new Set<Exception>()
    for (const cell of cells)
      for (const part of partsOf(cell, 'streamed')) {
        const exception = exceptionTo(cell, part)
        if (!exception || needed.has(exception)) continue
        if ((await runPart(lab, cell, part, 'streamed')).length > 0) needed.add(exception)
      }
    expect(exceptions.filter((exception) => !needed.has(exception))).toEqual([])
  })
})
