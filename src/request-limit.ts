/** More than Bun's own 256, which slow streams would use up. */
const requests = '4096'

/** Bun reads this limit once, before any code runs; so the process begins again with it. */
export const raiseRequestLimit = (): void => {
  if (process.env.BUN_CONFIG_MAX_HTTP_REQUESTS !== undefined) return
  const env = { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: requests }
  const args = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve?.(process.execPath, args, env)
}
