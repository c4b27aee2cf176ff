import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cells, exceptionTo, modes, partsOf, runCell, runPart } from './cells.ts'
import { exceptions, type Exception } from './exceptions.ts'
import { features } from './features.ts'
import { startMatrixLab, type Lab } from './lab.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startMatrixLab()
})
afterAll(() => lab[Symbol.asyncDispose]())

for (const cell of cells) {
  const { surface, dialect, feature } = cell
  for (const mode of modes) {
    test(`${surface.name} → ${dialect.name}: ${feature.name}, ${mode}`, async () => {
      const { failures } = await runCell(lab, cell, mode)
      expect(failures).toEqual([])
    })
  }
}

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
