import { Database } from 'bun:sqlite'
import { join } from 'node:path'
import type { Host } from 'sluice/plugin'

const dayOf = (at: Date): string => at.toISOString().slice(0, 10)

/** Seconds until the next day of UTC. */
export const untilMidnight = (at: Date): number => {
  const next = Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate() + 1)
  return Math.max(1, Math.ceil((next - at.getTime()) / 1_000))
}

/**
 * What each caller's calls have thought today, in tokens. It outlives a restart; what calls in flight may still think
 * counts until they have ended, over a reload too.
 */
export const createSpent = (host: Host, most: number) => {
  const db = new Database(join(host.directory(), 'spent.sqlite'), { create: true, strict: true })
  // a crash of the daemon loses nothing, one of the machine the last moments
  db.run('pragma journal_mode = wal')
  db.run('pragma synchronous = normal')
  db.run('pragma busy_timeout = 1000')
  db.run(
    'create table if not exists spent (day text, caller text, tokens integer not null, primary key (day, caller)) without rowid',
  )
  db.query('delete from spent where day < ?').run(dayOf(new Date()))
  const read = db.query<{ tokens: number }, [string, string]>(
    'select tokens from spent where day = ? and caller = ?',
  )
  const add = db.query(
    'insert into spent values (?, ?, ?) on conflict do update set tokens = tokens + excluded.tokens',
  )
  host.onClose(() => db.close())

  const kept = host.store.get('reserved')
  const reserved: Map<string, number> = kept instanceof Map ? kept : new Map()
  if (reserved !== kept) host.store.set('reserved', reserved)

  const change = (caller: string, tokens: number): void => {
    const left = (reserved.get(caller) ?? 0) + tokens
    if (left > 0) reserved.set(caller, left)
    else reserved.delete(caller)
  }

  return {
    /** Tokens that are left for today. */
    left: (caller: string): number =>
      most - (read.get(dayOf(new Date()), caller)?.tokens ?? 0) - (reserved.get(caller) ?? 0),
    /** Takes so many, until what was really thought is told instead. */
    reserve: (caller: string, tokens: number) => {
      change(caller, tokens)
      return (thought: number): void => {
        change(caller, -tokens)
        if (thought > 0) add.run(dayOf(new Date()), caller, Math.ceil(thought))
      }
    },
  }
}

export type Spent = ReturnType<typeof createSpent>
