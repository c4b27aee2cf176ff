import { safeParse, type GenericSchema, type InferOutput } from 'valibot'
import { isOneReference } from './interpolate.ts'
import { placeIssues, toProblem } from './issues.ts'
import type { Path, Source } from './model.ts'
import { problemAt, type Problem } from './problem.ts'
import { surplusOf } from './surplus.ts'

type Issues = Parameters<typeof placeIssues>[0]

export type Checked<T> = { readonly output: T } | { readonly problems: readonly Problem[] }

/**
 * Validates a value that stands at `at` in the YAML. Unlike `safeParse`, it finds every unknown key,
 * and a scalar that is wholly `${NAME}` becomes a number or a boolean where the schema wants one.
 * @param beside keys that may stand there too, for who has mistyped one
 */
export function checkValue<S extends GenericSchema>(
  schema: S,
  value: unknown,
  at: Path,
  source: Source,
  beside: readonly string[] = [],
): Checked<InferOutput<S>> {
  const first = safeParse(schema, value, { abortPipeEarly: true })
  const converted = first.success ? value : convert(first.issues, value, at, source)
  const result =
    converted === value ? first : safeParse(schema, converted, { abortPipeEarly: true })
  const surplus = surplusOf(schema, converted, at, beside)
  if (result.success && surplus.length === 0) return { output: result.output }

  const issues = placeIssues(result.issues ?? [], at)
    .filter(({ issue }) => issue.expected !== 'never')
    .filter(({ path }) => !surplus.some((known) => startsWith(path, known.path)))
  return {
    problems: [
      ...surplus.map(({ path, message, part }) => problemAt(source, path, message, part)),
      ...issues.map((issue) => toProblem(issue, source)),
    ],
  }
}

function convert(issues: Issues, value: unknown, at: Path, source: Source): unknown {
  return placeIssues(issues)
    .filter(({ issue }) => /\b(?:number|boolean|true|false|\d+)\b/.test(issue.expected ?? ''))
    .filter(({ path }) => isOneReference(source.written?.([...at, ...path]) ?? ''))
    .reduce((changed, { issue, path }) => replaceAt(changed, path, fromText(issue.input)), value)
}

function fromText(text: unknown): unknown {
  if (typeof text !== 'string' || text.trim() === '') return text
  if (text === 'true' || text === 'false') return text === 'true'
  const number = Number(text)
  return Number.isFinite(number) ? number : text
}

function replaceAt(value: unknown, path: Path, leaf: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return leaf
  if (Array.isArray(value)) {
    return value.map((item, index) => (index === step ? replaceAt(item, rest, leaf) : item))
  }
  if (typeof value !== 'object' || value === null) return value
  const child: unknown = Reflect.get(value, step)
  return { ...value, [step]: replaceAt(child, rest, leaf) }
}

function startsWith(path: Path, prefix: Path): boolean {
  return prefix.every((step, depth) => path[depth] === step)
}
