import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const form = /^[0-9a-f]{64}$/

/** Whether it is there now; another daemon may have been faster. */
const make = (file: string): void => {
  try {
    writeFileSync(file, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    if (!existsSync(file)) throw error
  }
}

/** What placeholders are made with: random, this installation's own, and the same after a restart. */
export const secretIn = (directory: string): string => {
  const file = join(directory, 'secret')
  if (!existsSync(file)) make(file)
  const secret = readFileSync(file, 'utf8').trim()
  if (!form.test(secret)) throw new Error(`${file} is damaged; without it, a new one is made`)
  return secret
}
