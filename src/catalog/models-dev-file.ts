import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { objectOf } from '../fields.ts'
import { parsed } from '../json.ts'
import { toModelsDev, type ModelsDev } from './models-dev.ts'

/** Bytes of a list; the real one has three million. */
export const largestFile = 48 * 1024 * 1024

/** A list as it lies in the data directory, with where it came from. */
export interface Downloaded {
  readonly list: ModelsDev
  readonly url?: string
  readonly etag?: string
  /** When it was downloaded, as ISO 8601. */
  readonly at?: string
}

export const modelsDevFile = (directory: string): string => join(directory, 'models.dev.json')

const text = (value: unknown) => (typeof value === 'string' ? value : undefined)

/** The list in the file; undefined when there is none. Throws when the file is damaged. */
export const readModelsDev = async (file: string): Promise<Downloaded | undefined> => {
  const found = await stat(file).catch(() => undefined)
  if (!found) return undefined
  if (found.size > largestFile) throw new RangeError('the file is too large')
  const written = objectOf(parsed(await readFile(file, 'utf8')))
  const list = toModelsDev(written.providers)
  if (!list) throw new SyntaxError('the file has no list of models')
  const [url, etag, at] = [text(written.url), text(written.etag), text(written.at)]
  return { list, ...(url && { url }), ...(etag && { etag }), ...(at && { at }) }
}

/** Writes the list beside its place and moves it there, so that no reader ever sees half of it. */
export const writeModelsDev = async (
  directory: string,
  { json, ...origin }: { readonly json: string; readonly url: string; readonly etag?: string },
): Promise<void> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const file = modelsDevFile(directory)
  const beside = `${file}.${randomUUID()}`
  const head = JSON.stringify({ ...origin, at: new Date().toISOString() }).slice(0, -1)
  try {
    const handle = await open(beside, 'wx', 0o600)
    try {
      await handle.writeFile(`${head},"providers":${json}}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
}
