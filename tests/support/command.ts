import { resolve } from 'node:path'

const main = resolve(import.meta.dir, '../../src/main.ts')

export interface CommandOptions {
  readonly cwd?: string
  /** All of it: nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>
  /** What it reads; nothing without it. */
  readonly input?: string
}

/** Runs `sluice` with these arguments as a process of its own, to its end. */
export const runCommand = async (
  args: readonly string[],
  { cwd, env, input }: CommandOptions,
): Promise<{ readonly stdout: string; readonly stderr: string; readonly code: number }> => {
  const child = Bun.spawn([process.execPath, main, ...args], {
    ...(cwd !== undefined && { cwd }),
    env,
    stdin: input === undefined ? 'ignore' : new Blob([input]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { stdout, stderr, code }
}
