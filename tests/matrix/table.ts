import type { Cell, Outcome } from './cells.ts'

export interface Row {
  readonly surface: string
  readonly dialect: string
  /** In the order of the features. */
  readonly outcomes: readonly Outcome[]
}

/** Both modes of a cell together. */
export const inBothModes = (cell: Cell, found: readonly Outcome[]): Outcome => ({
  cell,
  failures: found.flatMap(({ failures }) => failures),
  reasons: [...new Set(found.flatMap(({ reasons }) => reasons))],
  impossible: found.every(({ impossible }) => impossible),
})

/** The cells by rows. */
export const toRows = (outcomes: readonly Outcome[]): Row[] => {
  const rows: { surface: string; dialect: string; outcomes: Outcome[] }[] = []
  for (const outcome of outcomes) {
    const { surface, dialect } = outcome.cell
    const last = rows.at(-1)
    if (last?.surface === surface.name && last.dialect === dialect.name) last.outcomes.push(outcome)
    else rows.push({ surface: surface.name, dialect: dialect.name, outcomes: [outcome] })
  }
  return rows
}

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'
const raised = (number: number): string =>
  [...String(number)].map((digit) => superscripts[Number(digit)]).join('')

/** The table as lines of cells, and what its notes say. */
const laidOut = (rows: readonly Row[]) => {
  const notes: string[] = []
  const noteOf = (reason: string): string => {
    if (!notes.includes(reason)) notes.push(reason)
    return raised(notes.indexOf(reason) + 1)
  }
  const mark = ({ failures, impossible, reasons }: Outcome): string => {
    if (failures.length > 0) return '✗'
    return `${impossible ? '–' : '✓'}${reasons.map(noteOf).join('·')}`
  }
  const header = ['', ...(rows[0]?.outcomes ?? []).map(({ cell }) => cell.feature.name)]
  const lines = rows.map(({ surface, dialect, outcomes }) => [
    `${surface} → ${dialect}`,
    ...outcomes.map(mark),
  ])
  return { header, lines, notes: notes.map((note, at) => `${raised(at + 1)} ${note}`) }
}

const legend =
  '✓ all of it passes, streamed and whole · ✗ fails · – a format cannot express it. ' +
  'As openai stands what OpenRouter takes: signatures and breakpoints are not for every server of that format.'

/** For terminals. */
export const toText = (rows: readonly Row[]): string => {
  const { header, lines, notes } = laidOut(rows)
  const names = header.map((name) => name.split(' '))
  const height = Math.max(...names.map((words) => words.length))
  const heads = Array.from({ length: height }, (_, line) =>
    names.map((words) => words[line - height + words.length] ?? ''),
  )
  const all = [...heads, ...lines]
  const widths = header.map((_, column) =>
    Math.max(...all.map((line) => Bun.stringWidth(line[column] ?? ''))),
  )
  const aligned = (line: readonly string[]): string =>
    line
      .map((text, column) => text + ' '.repeat(widths[column]! - Bun.stringWidth(text)))
      .join('  ')
      .trimEnd()
  return [...all.map(aligned), '', legend, ...notes].join('\n')
}

/** For the docs. */
export const toMarkdown = (rows: readonly Row[]): string => {
  const { header, lines, notes } = laidOut(rows)
  const row = (line: readonly string[]): string => `| ${line.join(' | ')} |`
  return [
    row(header),
    row(header.map((_, column) => (column === 0 ? '---' : ':-:'))),
    ...lines.map(row),
    '',
    legend,
    '',
    ...notes.map((note) => `${note}  `),
  ].join('\n')
}

/** What failed, a line each. */
export const toFailures = (outcomes: readonly Outcome[], all: boolean): string[] =>
  outcomes.flatMap(({ cell: { surface, dialect, feature }, failures }) =>
    (all ? failures : failures.slice(0, 1)).map(
      (failure) => `✗ ${surface.name} → ${dialect.name}: ${feature.name}, ${failure}`,
    ),
  )
