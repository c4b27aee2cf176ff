import { bytesOf, removeFile, replaceFile } from './files.ts'
import { differs, Refused, type Planned } from './plan.ts'
import { forgetUndo, writeUndo, type Undo } from './record.ts'

/** Writes what was planned; how to take it back is kept first, so that no stop loses it. */
export async function carryOut(
  agent: string,
  planned: readonly Planned[],
  undoFile: string,
): Promise<void> {
  for (const { file, now } of planned) {
    const current = await bytesOf(file)
    const same = now && current ? Buffer.compare(now, current) === 0 : now === current
    if (!same) throw new Refused(`${file} changed meanwhile; nothing was changed.`)
  }
  const files = planned.flatMap(({ undo }) => (undo && undo.changes.length > 0 ? [undo] : []))
  const undo: Undo = { version: 1, agent, files }
  if (files.length > 0) await writeUndo(undoFile, undo)
  for (const { file, next } of planned.filter(differs)) {
    await (next ? replaceFile(file, next) : removeFile(file))
  }
  if (files.length === 0) await forgetUndo(undoFile)
}
