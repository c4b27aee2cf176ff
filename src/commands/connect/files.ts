import { mkdir, open, readFile, readlink, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'

/** The bytes of a file; nothing when there is none. */
export async function bytesOf(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file)
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return undefined
    throw cause
  }
}

/**
 * Replaces a file as a whole: it is never seen half written, keeps its mode, and a link to it
 * stays a link. A new one is readable by its owner alone.
 */
export async function replaceFile(file: string, bytes: Uint8Array): Promise<void> {
  const target = await targetOf(file)
  const mode = await stat(target).then(
    ({ mode }) => mode & 0o7777,
    () => 0o600,
  )
  await mkdir(dirname(target), { recursive: true, mode: 0o700 })
  const fresh = `${target}.${crypto.randomUUID()}.tmp`
  try {
    const handle = await open(fresh, 'wx', mode)
    try {
      await handle.chmod(mode)
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(fresh, target)
  } catch (cause) {
    await rm(fresh, { force: true })
    throw cause
  }
}

export async function removeFile(file: string): Promise<void> {
  await rm(await targetOf(file), { force: true })
}

/** Where a link leads, also one to a file that is not there yet. */
async function targetOf(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch {
    const next = await readlink(file).catch(() => undefined)
    return next === undefined ? file : resolve(dirname(file), next)
  }
}

export const codeOf = (cause: unknown): string =>
  cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)
