import { watch, type FSWatcher } from 'node:fs'

/** Editors save in several steps; one reload for all of them. */
const settle = 100

/**
 * Calls back after anything in these folders has changed. Folders, not files: a watched file goes deaf when an editor
 * replaces it by renaming another over it.
 */
export const watchFolders = (
  folders: readonly string[],
  wanted: (file: string) => boolean,
  changed: () => void,
): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const watchers: FSWatcher[] = []
  for (const folder of folders)
    try {
      const watcher = watch(folder, (_event, file) => {
        if (typeof file === 'string' && !wanted(file)) return
        clearTimeout(timer)
        timer = setTimeout(changed, settle)
      })
      watcher.on('error', () => watcher.close())
      watchers.push(watcher)
    } catch {
      // a folder that is gone is watched again after the next reload
    }
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}
