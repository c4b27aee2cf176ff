import type { Document, LineCounter, YAMLError } from 'yaml'
import { showPath, type Problem } from './problem.ts'
import { walk } from './tree.ts'

/** What the YAML parser objects to; `broken` when the rest of the text can no longer be trusted. */
export function syntaxProblems(
  text: string,
  doc: Document.Parsed,
  lines: LineCounter,
): { readonly problems: readonly Problem[]; readonly broken: boolean } {
  const errors = onePerLine(doc.errors, lines)
  const broken = doc.errors.some((error) => error.code !== 'DUPLICATE_KEY')
  const duplicates = broken ? new Map<number, string>() : keyPaths(doc)
  const problems = errors.map((error): Problem => {
    const { line, col } = lines.linePos(error.pos[0])
    const path = duplicates.get(error.pos[0]) ?? ''
    return { path, message: explain(error, text.split('\n')[line - 1]), line, column: col }
  })
  return { problems, broken }
}

/** A parser that lost its way complains many times about one line, and only the first helps. */
function onePerLine(errors: readonly YAMLError[], lines: LineCounter): YAMLError[] {
  const seen = new Set<number>()
  return errors.filter((error) => {
    const { line } = lines.linePos(error.pos[0])
    if (error.code === 'DUPLICATE_KEY') return true
    return !seen.has(line) && seen.add(line)
  })
}

function keyPaths(doc: Document.Parsed): Map<number, string> {
  const paths = new Map<number, string>()
  for (const { path, key } of walk(doc.contents)) {
    if (key?.range) paths.set(key.range[0], showPath(path))
  }
  return paths
}

/** The parser's words, without the text that it quotes, as that may be a secret. */
function explain({ code, message }: YAMLError, written = ''): string {
  if (code === 'DUPLICATE_KEY') return 'duplicate key; each key may stand once'
  if (code === 'RESOURCE_EXHAUSTION') return 'is nested too deeply'
  if (code === 'MULTIPLE_DOCS') return 'expected one YAML document, got a second one after "---"'
  if (code === 'NON_STRING_KEY') return 'expected a plain key, got a list or a mapping'
  const words = message.replace(/(?:: "|: [|>]).*$/s, '').replace(/^./, (c) => c.toLowerCase())
  const hint = written.includes('${') ? '; between { } or [ ] "${…}" needs quotes' : ''
  return `not valid YAML: ${words}${hint}`
}
