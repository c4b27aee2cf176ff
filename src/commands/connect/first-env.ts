import { basename, join } from 'node:path'
import type { Target } from './agent.ts'
import { bytesOf } from './files.ts'

/** Gemini CLI and its descendants load one `.env`: the nearest to the working folder. */
export async function firstEnvOnly({ dir, home }: Target): Promise<readonly string[]> {
  const own = join(dir, '.env')
  const general = join(home, '.env')
  const hidden = (await bytesOf(general)) !== undefined && (await bytesOf(own)) === undefined
  return [
    `A .env or ${basename(dir)}/.env in the folder you work in is read instead of ${own}.`,
    ...(hidden ? [`${general} is no longer read once ${own} exists; copy what it needs.`] : []),
  ]
}
