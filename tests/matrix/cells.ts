import type { Dialect, Surface } from './ask.ts'
import { createBench, type Feature, type Part } from './bench.ts'
import { exceptions, type Exception } from './exceptions.ts'
import { features } from './features.ts'
import { dialects, type Lab } from './lab.ts'
import { chat } from './surfaces/chat.ts'
import { gemini } from './surfaces/gemini.ts'
import { messages } from './surfaces/messages.ts'
import { ollama } from './surfaces/ollama.ts'
import { responses } from './surfaces/responses.ts'

export const surfaces: readonly Surface[] = [chat, messages, responses, gemini, ollama]

export interface Cell {
  readonly surface: Surface
  readonly dialect: Dialect
  readonly feature: Feature
}

export interface Outcome {
  readonly cell: Cell
  /** `part: what is wrong`; with the mode in front. */
  readonly failures: readonly string[]
  /** Why parts of it were left out. */
  readonly reasons: readonly string[]
  /** All of it was left out. */
  readonly impossible: boolean
}

export const modes = ['streamed', 'whole'] as const
export type Mode = (typeof modes)[number]

export const cells: readonly Cell[] = surfaces.flatMap((surface) =>
  dialects.flatMap((dialect) => features.map((feature) => ({ surface, dialect, feature }))),
)

const fits =
  ({ surface, dialect, feature }: Cell, part: string) =>
  (exception: Exception) =>
    exception.feature === feature.name &&
    (exception.surface ?? surface.name) === surface.name &&
    (exception.dialect ?? dialect.name) === dialect.name &&
    (exception.part ?? part) === part

/** What is wrong with one part of a cell. */
export const runPart = async (
  lab: Lab,
  { surface, dialect }: Cell,
  part: Part,
  mode: Mode,
): Promise<string[]> => {
  const bench = createBench(lab, surface, dialect, mode === 'streamed')
  const thrown = await part.run(bench).then(
    () => [],
    (error) => [error instanceof Error ? error.message : String(error)],
  )
  return [...new Set([...bench.failures, ...thrown])].map((failure) => `${part.name}: ${failure}`)
}

/** The parts that mean something for a cell. */
export const partsOf = ({ surface, dialect, feature }: Cell, mode: Mode): Part[] =>
  feature.parts.filter(
    ({ only, streamed }) =>
      only?.(surface, dialect) !== false && (mode === 'streamed' || streamed !== true),
  )

/** Why the formats cannot express that part. */
export const exceptionTo = (cell: Cell, part: Part): Exception | undefined =>
  exceptions.find(fits(cell, part.name))

/** Runs every part that the formats can express. */
export const runCell = async (lab: Lab, cell: Cell, mode: Mode): Promise<Outcome> => {
  const parts = partsOf(cell, mode)
  const left = parts.map((part) => exceptionTo(cell, part))
  const failures: string[] = []
  for (const [at, part] of parts.entries())
    if (!left[at]) failures.push(...(await runPart(lab, cell, part, mode)))
  const reasons = new Set(left.flatMap((exception) => (exception ? [exception.reason] : [])))
  return { cell, failures, reasons: [...reasons], impossible: left.every(Boolean) }
}
