import { createHash } from 'node:crypto'
import { join } from 'node:path'
import * as v from 'valibot'
import type { Env } from '../../config/model.ts'
import { bytesOf, removeFile, replaceFile } from './files.ts'
import { formatNames } from './formats.ts'

const changeSchema = v.object({
  path: v.array(v.union([v.string(), v.object({ name: v.string() })])),
  before: v.optional(v.unknown()),
  after: v.unknown(),
  depth: v.number(),
})
const recordSchema = v.object({
  version: v.literal(1),
  agent: v.string(),
  files: v.array(
    v.object({
      file: v.string(),
      format: v.picklist(formatNames),
      /** In base64; missing when there was no file. */
      before: v.optional(v.string()),
      /** The SHA-256 of what was written. */
      after: v.string(),
      changes: v.array(changeSchema),
    }),
  ),
})

/** What was changed for an agent; it holds former contents, so only its owner can read it. */
export type Undo = v.InferOutput<typeof recordSchema>
export type UndoFile = Undo['files'][number]

export const hashOf = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex')

/** Of one agent in one folder. */
export function undoFile(env: Env, home: string, agent: string, dir: string): string {
  const data = env.XDG_DATA_HOME || join(home, '.local', 'share')
  return join(data, 'sluice', 'connect', `${agent}.${hashOf(dir).slice(0, 12)}.json`)
}

export async function readUndo(file: string): Promise<Undo | undefined> {
  const bytes = await bytesOf(file)
  if (!bytes) return undefined
  try {
    return v.parse(recordSchema, JSON.parse(bytes.toString()))
  } catch {
    throw new Error(`${file} is not a record of sluice connect; remove it to go on without undo`)
  }
}

export const writeUndo = (file: string, undo: Undo): Promise<void> =>
  replaceFile(file, Buffer.from(`${JSON.stringify(undo, null, 2)}\n`))

export const forgetUndo = (file: string): Promise<void> => removeFile(file)
