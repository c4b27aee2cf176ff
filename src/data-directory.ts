import { homedir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'

/**
 * Where everything that outlives the process is kept: `$SLUICE_DATA`, else `sluice` in `$XDG_DATA_HOME`, else
 * `~/.local/share/sluice`. It need not exist.
 */
export const dataDirectory = (env: Readonly<Record<string, string | undefined>>): string => {
  if (env.SLUICE_DATA) return resolve(env.SLUICE_DATA)
  const { XDG_DATA_HOME: shared, HOME } = env
  // by its own rules, a relative one is to be ignored
  if (shared && isAbsolute(shared)) return join(shared, 'sluice')
  return join(HOME || homedir(), '.local', 'share', 'sluice')
}
