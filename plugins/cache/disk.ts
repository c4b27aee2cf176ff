import { Database, type Statement } from 'bun:sqlite'
import { mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'

/** An entry as it lies on the disk. */
export interface Kept {
  readonly bytes: Uint8Array
  /** Milliseconds since 1970. */
  readonly expires: number
}

export interface Disk {
  get(key: string): Kept | undefined
  set(key: string, kept: Kept): void
  delete(key: string): void
  /** Writes what is still queued. */
  close(): void
}

/** Milliseconds for which writes are gathered. */
const gathering = 50
/** Bytes that wait to be written; beyond them the oldest are given up. */
const mostWaiting = 16 * 1024 * 1024
/** Entries that a clean-up looks at at a time. */
const sweep = 200

const schema = `
CREATE TABLE IF NOT EXISTS entries (
  key TEXT PRIMARY KEY, expires INTEGER NOT NULL, used INTEGER NOT NULL,
  size INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS entries_expires ON entries (expires);
CREATE INDEX IF NOT EXISTS entries_used ON entries (used, size);
CREATE TABLE IF NOT EXISTS total (id INTEGER PRIMARY KEY CHECK (id = 1), bytes INTEGER NOT NULL);
INSERT OR IGNORE INTO total VALUES (1, 0);
CREATE TRIGGER IF NOT EXISTS entry_came AFTER INSERT ON entries
  BEGIN UPDATE total SET bytes = bytes + new.size; END;
CREATE TRIGGER IF NOT EXISTS entry_went AFTER DELETE ON entries
  BEGIN UPDATE total SET bytes = bytes - old.size; END;
`

const opened = (file: string): Database => {
  const database = new Database(file, { create: true, strict: true })
  try {
    // another process may just be doing the same
    database.run('PRAGMA busy_timeout = 500')
    database.run('PRAGMA journal_mode = WAL')
    database.run('PRAGMA synchronous = NORMAL')
    database.run(schema)
    // from now on nobody waits on the event loop: what is locked is tried again later
    database.run('PRAGMA busy_timeout = 0')
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

const isLocked = (error: unknown): boolean => /^SQLITE_(BUSY|LOCKED)/.test(codeOf(error))

const isBroken = (error: unknown): boolean => /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error))

/** A file that is no database is put aside. */
const openedAnew = (file: string): Database => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    return opened(file)
  } catch (error) {
    if (!isBroken(error)) throw error
    renameSync(file, `${file}.broken`)
    return opened(file)
  }
}

/** What is to be done to an entry; without bytes, it was used. */
interface Change {
  readonly kept?: Kept
  readonly gone?: boolean
}

interface Row {
  readonly expires: number
  readonly body: Uint8Array
}

/**
 * Entries in a SQLite file, bounded in bytes; those that were not used for longest go first. It never throws: what
 * fails is not kept. Several processes may use one file.
 * @param failed hears once what is wrong with the file
 */
export const openDisk = (file: string, limit: number, failed: (error: unknown) => void): Disk => {
  let database: Database | undefined
  let told = false
  const fail = (error: unknown): void => {
    if (isLocked(error)) return
    if (!told) failed(error)
    told = true
    if (isBroken(error)) database = undefined
  }
  const attempt = <T>(make: (open: Database) => T): T | undefined => {
    try {
      return database && make(database)
    } catch (error) {
      fail(error)
      return undefined
    }
  }
  const waiting = new Map<string, Change>()
  let waitingBytes = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  try {
    database = openedAnew(file)
  } catch (error) {
    failed(error)
  }

  const select = attempt((open): Statement<Row, [string]> =>
    open.query('SELECT expires, body FROM entries WHERE key = ?'),
  )

  const apply = (open: Database): void => {
    const now = Date.now()
    const remove = open.query('DELETE FROM entries WHERE key = ?')
    const touch = open.query('UPDATE entries SET used = ? WHERE key = ?')
    const insert = open.query('INSERT INTO entries VALUES (?, ?, ?, ?, ?)')
    for (const [key, { kept, gone }] of waiting) {
      if (!kept && !gone) touch.run(now, key)
      else remove.run(key)
      if (kept) insert.run(key, kept.expires, now, kept.bytes.byteLength, kept.bytes)
    }
    open
      .query(
        `DELETE FROM entries WHERE key IN (SELECT key FROM entries WHERE expires <= ? LIMIT ${sweep})`,
      )
      .run(now)
    const total = open.query<{ bytes: number }, []>('SELECT bytes FROM total')
    const oldest = open.query<{ key: string; size: number }, []>(
      `SELECT key, size FROM entries ORDER BY used LIMIT ${sweep}`,
    )
    for (let left = total.get()?.bytes ?? 0; left > limit;) {
      const rows = oldest.all()
      if (rows.length === 0) return
      for (const { key, size } of rows) {
        if (left <= limit) break
        remove.run(key)
        left -= size
      }
    }
  }

  const flush = (): void => {
    timer = undefined
    if (!database || waiting.size === 0) return
    try {
      database.transaction(apply).immediate(database)
      waiting.clear()
      waitingBytes = 0
    } catch (error) {
      fail(error)
      if (isLocked(error)) return schedule()
      waiting.clear()
      waitingBytes = 0
    }
  }

  const schedule = (): void => {
    if (!database) return
    timer ??= setTimeout(flush, gathering)
    timer.unref()
  }

  const change = (key: string, next: Change): void => {
    const before = waiting.get(key)
    if (before?.kept && !next.kept && !next.gone) return
    waiting.delete(key)
    waitingBytes += (next.kept?.bytes.byteLength ?? 0) - (before?.kept?.bytes.byteLength ?? 0)
    waiting.set(key, next)
    for (const [oldest, { kept }] of waiting) {
      if (waitingBytes <= mostWaiting && waiting.size <= 10_000) break
      waiting.delete(oldest)
      waitingBytes -= kept?.bytes.byteLength ?? 0
    }
    schedule()
  }

  return {
    get(key) {
      const ahead = waiting.get(key)
      if (ahead?.gone) return undefined
      if (ahead?.kept) return ahead.kept
      const row = attempt(() => select?.get(key))
      if (!row) return undefined
      change(key, {})
      return { bytes: row.body, expires: row.expires }
    },
    set: (key, kept) => {
      if (database && kept.bytes.byteLength <= limit) change(key, { kept })
    },
    delete: (key) => {
      if (database) change(key, { gone: true })
    },
    close() {
      clearTimeout(timer)
      flush()
      clearTimeout(timer)
      attempt((open) => open.close())
      database = undefined
    },
  }
}
