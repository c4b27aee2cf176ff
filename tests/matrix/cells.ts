import type { Dialect, Surface } from './ask.ts'
import { createBench, type Feature } from './bench.ts'
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

/** Runs every part that the formats can express. */
export const runCell = async (lab: Lab, cell: Cell, mode: Mode): Promise<Outcome> => {
  const { surface, dialect, feature } = cell
  const stream = mode === 'streamed'
  const failures: string[] = []
  const reasons = new Set<string>()
  let ran = 0
  for (const part of feature.parts) {
    if (part.only?.(surface, dialect) === false) continue
    const exception = exceptions.find(fits(cell, part.name))
    if (exception) reasons.add(exception.reason)
    if (exception || (part.streamed && !stream)) continue
    ran++
    const bench = createBench(lab, surface, dialect, stream)
    const thrown = await part.run(bench).then(
      () => [],
      (error) => [error instanceof Error ? error.message : String(error)],
    )
    for (const failure of new Set([...bench.failures, ...thrown]))
      failures.push(`${part.name}: ${failure}`)
  }
  return { cell, failures, reasons: [...reasons], impossible: ran === 0 }
}
