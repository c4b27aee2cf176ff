import { watch, type FSWatcher } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** Editors save in several steps; one look for all of them. */
const settle = 100

/** Milliseconds after which a watcher has begun. */
const begin = 250

const script = /\.(ts|js|mjs)$/

const stampOf = async (path: string): Promise<string> => {
  const { mtimeMs, size } = await stat(path).catch(() => ({ mtimeMs: 0, size: -1 }))
  return `${path} ${mtimeMs} ${size}`
}

const scriptsIn = async (folder: string): Promise<string[]> => {
  const all = await readdir(folder).catch(() => [])
  return all.filter((name) => script.test(name)).map((name) => join(folder, name))
}

/** Whether a script of these folders was written at that time (of `Date.now()`) or later. */
export const isWrittenSince = async (
  time: number,
  folders: readonly string[],
): Promise<boolean> => {
  const scripts = (await Promise.all(folders.map(scriptsIn))).flat()
  const times = await Promise.all(
    scripts.map((path) =>
      stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => 0,
      ),
    ),
  )
  return times.some((written) => written >= time)
}

/**
 * What a config and its plugins are made of, so that an edit is known from other stirrings in the same folders, and a
 * link that now leads elsewhere is known as an edit.
 */
export const fingerprint = async (
  file: string | undefined,
  folders: readonly string[],
): Promise<string> => {
  const names = await Promise.all(folders.map(scriptsIn))
  const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '')
  return [text, ...(await Promise.all(names.flat().sort().map(stampOf)))].join('\n')
}

/**
 * Calls back after anything in these folders has stirred. Folders, not files: a watched file goes deaf when an editor
 * replaces it by renaming another over it.
 */
export const watchFolders = (folders: readonly string[], stirred: () => void): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const watchers: FSWatcher[] = []
  for (const folder of folders)
    try {
      const watcher = watch(folder, () => {
        clearTimeout(timer)
        timer = setTimeout(stirred, settle)
      })
      watcher.on('error', () => watcher.close())
      watchers.push(watcher)
    } catch {
      // a folder that is gone is watched again after the next reload
    }
  // watchers begin beside this thread: what stirs before they do is not heard
  timer = setTimeout(stirred, begin)
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}
