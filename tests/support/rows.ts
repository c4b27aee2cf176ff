import { expectAnswer, expectError, type ExpectedError } from './expectations.ts'
import { startLab, type Answer, type Lab, type LabOptions } from './lab.ts'
import type { Script } from './provider.ts'

export interface Row {
  /** Ways of the same fault. */
  readonly faults: readonly Script[]
  /** What the client sees when no provider is left. */
  readonly last: ExpectedError
  /** `false`: the client sees it though other providers are left. */
  readonly failsOver?: boolean
  readonly modes?: readonly ('streamed' | 'whole')[]
  readonly lab?: LabOptions
  /** Called with each error of the last provider. */
  readonly check?: (answer: Answer) => void
}

/** Plays a row of the catalogue: every fault, streamed and whole, with providers left and with none. */
export const playRow = async (row: Row): Promise<void> => {
  const modes = row.modes ?? ['streamed', 'whole']
  const cases = row.faults.flatMap((fault, way) => modes.map((mode) => ({ fault, way, mode })))
  await using lab = await startLab({ ...row.lab, lanes: cases.length * 2 })
  const failed: string[] = []
  const attempt = async (title: string, play: () => Promise<void>): Promise<void> => {
    try {
      await play()
    } catch (error) {
      failed.push(`${title}: ${error instanceof Error ? error.message : error}`)
    }
  }
  for (const [at, { fault, way, mode }] of cases.entries()) {
    lab.a.always(fault)
    const stream = mode === 'streamed'
    await attempt(`way ${way}, ${mode}, others left`, () => playWithOthers(lab, row, at, stream))
    await attempt(`way ${way}, ${mode}, nobody left`, () =>
      playAlone(lab, row, cases.length + at, stream),
    )
  }
  if (failed.length > 0) throw new Error(failed.join('\n\n'))
}

const playWithOthers = async (lab: Lab, row: Row, lane: number, stream: boolean): Promise<void> => {
  const before = lab.b.requests.length
  const answer = await lab.chat({ model: `m${lane}`, stream })
  const asked = lab.b.requests.length - before
  if (row.failsOver === false) {
    if (asked !== 0) throw new Error('another provider was asked')
    return expectError(answer, row.last)
  }
  expectAnswer(answer, { text: 'Hello from b.', provider: 'b', attempts: 2 })
  if (asked !== 1) throw new Error(`provider b was asked ${asked} times`)
}

const playAlone = async (lab: Lab, row: Row, lane: number, stream: boolean): Promise<void> => {
  const answer = await lab.chat({ model: `solo${lane}`, stream })
  expectError(answer, { attempts: 1, ...row.last })
  row.check?.(answer)
}
