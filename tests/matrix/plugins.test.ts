import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { cells, modes, runCell, surfaces } from './cells.ts'
import { dialects, startMatrixLab, type Lab } from './lab.ts'
import { plugins, type PluginName } from './plugins.ts'

const told: Readonly<Record<PluginName, string>> = {
  copied: 'a plugin that copies all that it sees',
  held: 'a plugin that holds the end of every text back until the finish',
}

describe.each(Object.keys(plugins) as PluginName[])('%s', (plugin) => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startMatrixLab(plugin)
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  for (const surface of surfaces) {
    for (const dialect of dialects) {
      test(`${surface.name} → ${dialect.name} loses nothing to ${told[plugin]}`, async () => {
        const failures: string[] = []
        for (const cell of cells) {
          if (cell.surface !== surface || cell.dialect !== dialect) continue
          for (const mode of modes)
            for (const failure of (await runCell(lab, cell, mode)).failures)
              failures.push(`${cell.feature.name}, ${mode}: ${failure}`)
        }
        expect(failures).toEqual([])
      })
    }
  }
})
