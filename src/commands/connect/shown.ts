import { styleText } from 'node:util'
import type { Agent, Target } from './agent.ts'
import { diffLines } from './diff.ts'
import { HIDDEN, masked } from './masked.ts'
import { differs, type Planned } from './plan.ts'

export interface Shown {
  /** Values of ours that may be seen. */
  readonly plain: ReadonlySet<string>
  /** Hidden wherever it stands. */
  readonly secret: string | undefined
}

/** The change as a diff of each file that differs. */
export function diffOf(planned: readonly Planned[], { plain, secret }: Shown): string {
  const text = (bytes: Uint8Array | undefined) => (bytes ? Buffer.from(bytes).toString() : '')
  return planned
    .filter(differs)
    .flatMap(({ file, now, next }) => [
      `--- ${now ? file : '/dev/null'}`,
      `+++ ${next ? file : '/dev/null'}`,
      ...diffLines(text(now), text(next)).map((line) => colored(masked(line, plain, secret))),
    ])
    .join('\n')
}

export async function stepsOf(
  agent: Agent,
  target: Target,
  { secret }: Shown,
): Promise<readonly string[]> {
  const steps = await agent.steps(target)
  return secret === undefined ? steps : steps.map((line) => line.replaceAll(secret, HIDDEN))
}

function colored(line: string): string {
  const color = { '+': 'green', '-': 'red', '@': 'cyan' } as const
  const mark = line[0]
  if (mark !== '+' && mark !== '-' && mark !== '@') return line
  return styleText(color[mark], line, { stream: process.stdout })
}
