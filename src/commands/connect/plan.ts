import type { Agent, Target } from './agent.ts'
import { apply, retract } from './edit.ts'
import { bytesOf } from './files.ts'
import { Broken } from './format.ts'
import { formats } from './formats.ts'
import { hashOf, type Undo, type UndoFile } from './record.ts'

/** What one file holds and shall hold; without bytes, there is none. */
export interface Planned {
  readonly file: string
  readonly now: Uint8Array | undefined
  readonly next: Uint8Array | undefined
  /** How to take it back later; missing when this takes it back. */
  readonly undo?: UndoFile
  /** Values of ours that somebody changed since; they stay. */
  readonly kept: readonly string[]
  /** The file was not as it was left, so that only our values are taken back. */
  readonly edited: boolean
}

/** A file that is left alone, and where in it the reason stands. */
export class Refused extends Error {}

export const differs = ({ now, next }: Planned): boolean =>
  now === undefined || next === undefined ? now !== next : Buffer.compare(now, next) !== 0

/** Points the agent at the gateway, starting from what was there before it was first done. */
export async function planConnect(
  agent: Agent,
  target: Target,
  undo: Undo | undefined,
): Promise<readonly Planned[]> {
  const wanted = await agent.files(target)
  const planned: Planned[] = []
  for (const { file, format, settings } of wanted) {
    const former = await formerOf(
      file,
      undo?.files.find((it) => it.file === file),
    )
    const { text, changes } = within(file, () =>
      apply(formats[format], textOf(file, former.before), settings),
    )
    const next = Buffer.from(text)
    const undoFile = {
      file,
      format,
      ...(former.before && { before: Buffer.from(former.before).toString('base64') }),
      after: hashOf(next),
      changes: changes.map((change) => ({ ...change, path: [...change.path] })),
    }
    planned.push({ ...former, file, next, undo: undoFile })
  }
  const left = undo?.files.filter(({ file }) => !wanted.some((it) => it.file === file)) ?? []
  return [...planned, ...(await planBack(left))]
}

/** Takes back what is recorded: to the byte, or only our values if the file was edited since. */
export async function planBack(files: readonly UndoFile[]): Promise<readonly Planned[]> {
  const planned: Planned[] = []
  for (const record of files) {
    const { before, ...former } = await formerOf(record.file, record)
    planned.push({ ...former, file: record.file, next: before })
  }
  return planned
}

interface Former extends Pick<Planned, 'now' | 'kept' | 'edited'> {
  readonly before: Uint8Array | undefined
}

async function formerOf(file: string, record: UndoFile | undefined): Promise<Former> {
  const now = await bytesOf(file)
  if (!record) return { now, before: now, kept: [], edited: false }
  if (!now) return { now, before: undefined, kept: [], edited: true }
  const before = record.before === undefined ? undefined : Buffer.from(record.before, 'base64')
  if (hashOf(now) === record.after) return { now, before, kept: [], edited: false }
  const { text, kept } = within(file, () =>
    retract(formats[record.format], textOf(file, now), record.changes),
  )
  const nothing = before === undefined && /^\s*(\{\s*\})?\s*$/.test(text)
  return { now, before: nothing ? undefined : Buffer.from(text), kept, edited: true }
}

function textOf(file: string, bytes: Uint8Array | undefined): string {
  if (!bytes) return ''
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new Refused(`${file}: not UTF-8; nothing was changed.`)
  }
}

function within<Result>(file: string, edit: () => Result): Result {
  try {
    return edit()
  } catch (cause) {
    if (!(cause instanceof Broken)) throw cause
    throw new Refused(`${file}:${cause.line}: ${cause.message}; nothing was changed.`)
  }
}
