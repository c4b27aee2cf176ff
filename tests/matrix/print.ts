/**
 * Prints which client formats get what from which provider formats: `bun run matrix [pair …] [--markdown] [--all]`.
 * A pair is `messages/gemini` or a pattern, `{chat,messages}/*`; `--all` prints every failure, not the first of each cell;
 * `--plugin=copied` or `--plugin=held` puts a plugin in between that changes nothing of what is said.
 * In the environment, MATRIX_SHOWS is how many characters of a value a failure shows, and MATRIX_PIECE of how many bytes
 * the pieces are in which answers come.
 */
import { cells, modes, runCell, type Cell, type Outcome } from './cells.ts'
import { startMatrixLab } from './lab.ts'
import { plugins, type PluginName } from './plugins.ts'
import { inBothModes, toFailures, toMarkdown, toRows, toText } from './table.ts'

const words = process.argv.slice(2)
const pairs = words.filter((word) => !word.startsWith('--'))

const named = words.find((word) => word.startsWith('--plugin='))?.slice('--plugin='.length)
const plugin = (Object.keys(plugins) as PluginName[]).find((name) => name === named)

const isWanted = ({ surface, dialect }: Cell): boolean =>
  pairs.length === 0 ||
  pairs.some((pair) => new Bun.Glob(pair).match(`${surface.name}/${dialect.name}`))

const outcomes: Outcome[] = []
{
  await using lab = await startMatrixLab(plugin)
  for (const cell of cells.filter(isWanted)) {
    const found: Outcome[] = []
    for (const mode of modes) {
      const outcome = await runCell(lab, cell, mode)
      const failures = outcome.failures.map((failure) => `${mode}: ${failure}`)
      found.push({ ...outcome, failures })
    }
    outcomes.push(inBothModes(cell, found))
  }
}
const rows = toRows(outcomes)
console.log(words.includes('--markdown') ? toMarkdown(rows) : toText(rows))
const failures = toFailures(outcomes, words.includes('--all'))
if (failures.length > 0) console.error(`\n${failures.join('\n')}`)
process.exitCode = failures.length > 0 ? 1 : 0
