import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expectations, type Answer, type Expectation } from './fixtures-expected.ts'

export type { Answer, CalledTool, CitedUrl, ReasoningDetail } from './fixtures-expected.ts'

/** Answers as providers send them, one file a scenario: `tests/fixtures/<dialect>/<scenario>.sse|json`. */
const root = join(import.meta.dir, '..', 'fixtures')

export const dialects = ['openai', 'anthropic', 'gemini', 'responses'] as const
export type Dialect = (typeof dialects)[number]

export type Scenario = keyof typeof expectations

export const allScenarios = Object.keys(expectations) as Scenario[]

/** The scenarios that a dialect has, by name. */
export const scenarios: Readonly<Record<Dialect, readonly Scenario[]>> = Object.fromEntries(
  dialects.map((dialect) => [
    dialect,
    readdirSync(join(root, dialect))
      .filter((name) => name.endsWith('.sse'))
      .map((name) => name.slice(0, -'.sse'.length) as Scenario)
      .sort(),
  ]),
) as Record<Dialect, Scenario[]>

/** The scenarios that all of these dialects have. */
export const shared = (...of: readonly Dialect[]): Scenario[] =>
  allScenarios.filter((scenario) => of.every((dialect) => scenarios[dialect].includes(scenario)))

export interface Fixture {
  /** The stream, byte for byte. */
  readonly sse: string
  /** The same answer whole. */
  readonly json: string
}

export const fixture = (dialect: Dialect, scenario: Scenario): Fixture => {
  const path = join(root, dialect, scenario)
  if (!existsSync(`${path}.sse`)) throw new Error(`${dialect} has no fixture ${scenario}`)
  return {
    sse: readFileSync(`${path}.sse`, 'utf8'),
    json: readFileSync(`${path}.json`, 'utf8'),
  }
}

/** What decoding a fixture must fold to, streamed and whole alike. */
export const expected = (dialect: Dialect, scenario: Scenario): Answer => {
  const { by, ...common }: Expectation = expectations[scenario]
  const own = by[dialect]
  if (own === undefined) throw new Error(`${dialect} has no fixture ${scenario}`)
  return { ...common, ...own }
}

export const contentTypes = {
  sse: {
    openai: 'text/event-stream; charset=utf-8',
    anthropic: 'text/event-stream; charset=utf-8',
    gemini: 'text/event-stream',
    responses: 'text/event-stream; charset=utf-8',
  },
  json: {
    openai: 'application/json',
    anthropic: 'application/json',
    gemini: 'application/json; charset=UTF-8',
    responses: 'application/json',
  },
} as const satisfies Record<string, Record<Dialect, string>>
