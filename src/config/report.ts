import type { GenericSchema, InferOutput } from 'valibot'
import { checkValue } from './check.ts'
import type { Complain } from './complain.ts'
import type { Path, Source } from './model.ts'
import { problemAt, type Problem } from './problem.ts'

/** Collects what is wrong with one config, so that all of it is said at once. */
export interface Report {
  readonly source: Source
  readonly problems: readonly Problem[]
  readonly complain: Complain
  /** The valid output, or `undefined` after its problems were noted. */
  check<S extends GenericSchema>(schema: S, value: unknown, at: Path): InferOutput<S> | undefined
}

export function createReport(source: Source, found: readonly Problem[]): Report {
  const problems = [...found]
  const told = (problem: Problem) => found.some((known) => isSamePlace(known, problem))
  return {
    source,
    problems,
    complain: (path, message, part) => {
      const problem = problemAt(source, path, message, part)
      if (!told(problem)) problems.push(problem)
    },
    check: (schema, value, at) => {
      const checked = checkValue(schema, value, at, source)
      if ('output' in checked) return checked.output
      problems.push(...checked.problems.filter((problem) => !told(problem)))
      return undefined
    },
  }
}

/** What could not be read at all needs no second complaint about its value. */
function isSamePlace(a: Problem, b: Problem): boolean {
  return a.path === b.path && a.line === b.line && a.column === b.column
}
