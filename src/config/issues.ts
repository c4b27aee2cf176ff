import type { BaseIssue } from 'valibot'
import type { Path, Source } from './model.ts'
import { didYouMean } from '../nearest.ts'
import { problemAt, type Problem } from './problem.ts'
import { isSecret } from './secrecy.ts'

type Issue = BaseIssue<unknown>

/** An issue with its whole path, as one inside a union only knows its own part of it. */
export interface PlacedIssue {
  readonly issue: Issue
  readonly path: Path
}

/** What valibot found below `at`, in the words and places of the YAML; secrets are not shown. */
export function issueProblems(issues: readonly Issue[], at: Path, source: Source): Problem[] {
  return placeIssues(issues, at).map((placed) => toProblem(placed, source))
}

/** For a union: what is wrong inside the alternative that was meant, if that can be told. */
export function placeIssues(issues: readonly Issue[], at: Path = []): PlacedIssue[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...pathOf(issue)]
    const inner = (issue.issues ?? []).filter((inside) => inside.path)
    return inner.length === 0 ? [{ issue, path }] : placeIssues(inner, path)
  })
}

export function toProblem({ issue, path }: PlacedIssue, source: Source): Problem {
  const part = issue.path?.at(-1)?.origin === 'key' && !isMissing(issue) ? 'key' : 'value'
  return problemAt(source, path, describe(issue, path, source), part)
}

/** The steps of an issue that name keys and indexes. */
function pathOf({ path }: Issue): Path {
  return (path ?? []).flatMap(({ key }) =>
    typeof key === 'string' || typeof key === 'number' ? [key] : [],
  )
}

function isMissing({ input, received, path, expected }: Issue): boolean {
  return input === undefined && received === 'undefined' && expected === quoted(path?.at(-1)?.key)
}

function describe(issue: Issue, path: Path, source: Source): string {
  if (isMissing(issue)) return 'is missing'
  if (issue.expected === 'never') return `unknown key ${quoted(path.at(-1))}`
  const standard = /^Invalid [^]*eceived /.test(issue.message)
  const words = standard ? `expected ${expectation(issue)}` : issue.message
  if (words.startsWith('expected ')) return `${words}${got(issue, path, source)}`
  // a message of a plugin's own may quote what it was given
  const { input } = issue
  const hidden = isSecret(path, input) || source.written?.(path) !== undefined
  return typeof input === 'string' && input !== '' && hidden
    ? words.replaceAll(input, '***')
    : words
}

function expectation({ kind, type, expected }: Issue): string {
  if (expected === null) return `a valid ${type.replaceAll('_', ' ')}`
  if (kind !== 'schema') return `${type.includes('length') ? 'a length of ' : ''}${expected}`
  const choices = expected.replace(/^\(([^]*)\)$/, '$1').split(' | ')
  if (choices.length > 1 && choices.every((choice) => choice.startsWith('"'))) {
    return `one of ${choices.map(unquoted).join(', ')}`
  }
  return choices.map((choice) => NAMES[choice] ?? choice).join(' or ')
}

const NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  Object: 'a mapping',
  Array: 'a list',
  Date: 'a date',
}

function got(issue: Issue, path: Path, source: Source): string {
  const last = issue.path?.at(-1)
  const value = last?.origin === 'value' ? last.value : issue.input
  const written = source.written?.(path)
  if (value === undefined || value === null) return ', got nothing'
  if (Array.isArray(value)) return ', got a list'
  if (typeof value === 'object') return ', got a mapping'
  const scalar = !/^(?:Object|Array)$/.test(issue.expected ?? '')
  if (isSecret(path, value) || !scalar) return `, got a ${typeof value}`
  if (typeof value !== 'string') return `, got ${written ? quoted(written) : value}`
  const choices = [...(issue.expected ?? '').matchAll(/"([^"]*)"/g)].map(
    ([, choice]) => choice ?? '',
  )
  return `, got ${quoted(written ?? value)}${suggestion(issue, value, choices)}`
}

function suggestion({ expected }: Issue, value: string, choices: readonly string[]): string {
  if (expected === 'boolean' && /^(?:yes|on|no|off)$/i.test(value)) {
    return `; did you mean ${/^(?:yes|on)$/i.test(value)}?`
  }
  return didYouMean(value, choices)
}

function quoted(value: unknown): string {
  const text = String(value)
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text)
}

function unquoted(text: string): string {
  return text.replace(/^"|"$/g, '')
}
