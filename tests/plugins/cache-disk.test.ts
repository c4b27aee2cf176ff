import { afterAll, beforeEach, describe, expect, test, setDefaultTimeout } from 'bun:test'
import { Database } from 'bun:sqlite'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDisk } from '../../plugins/cache/disk.ts'
import { chat, prompt, type Answer } from '../support/lab.ts'
import { startProvider } from '../support/provider.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'
import { until } from '../support/until.ts'

// each starts daemons of its own
setDefaultTimeout(60_000)

const told = ({ headers }: Answer) => headers.get('x-openrouter-cache-status')

let directory: string
let file: string
const made: string[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-cache-'))
  made.push(directory)
  file = join(directory, 'answers.sqlite')
})
afterAll(() => {
  for (const one of made) rmSync(one, { recursive: true, force: true })
})

const later = () => Date.now() + 60_000
const bytes = (size: number, fill = 1) => new Uint8Array(size).fill(fill)
const never = (error: unknown) => {
  throw error
}

describe('the file of answers', () => {
  test('gives what was put there, also to the next process', () => {
    const disk = openDisk(file, 10_000, never)
    disk.set('a', { bytes: bytes(10), expires: later() })
    expect(disk.get('a')?.bytes).toEqual(bytes(10))
    disk.close()
    const next = openDisk(file, 10_000, never)
    expect(next.get('a')?.bytes).toEqual(bytes(10))
    next.delete('a')
    expect(next.get('a')).toBeUndefined()
    next.close()
    const last = openDisk(file, 10_000, never)
    expect(last.get('a')).toBeUndefined()
    last.close()
  })

  test('keeps within its bytes: what was not used for longest goes first', async () => {
    const disk = openDisk(file, 10_000, never)
    for (let at = 0; at < 100; at++) disk.set(`k${at}`, { bytes: bytes(1_000), expires: later() })
    disk.close()
    const again = openDisk(file, 10_000, never)
    const kept = Array.from({ length: 100 }, (_, at) => again.get(`k${at}`)).filter(Boolean)
    expect(kept).toHaveLength(10)
    again.set('too big', { bytes: bytes(20_000), expires: later() })
    expect(again.get('too big')).toBeUndefined()
    again.close()
  })

  test('lets go of what has expired', () => {
    const disk = openDisk(file, 10_000, never)
    disk.set('old', { bytes: bytes(10), expires: Date.now() - 1 })
    disk.close()
    const database = new Database(file)
    expect(database.query('SELECT COUNT(*) AS n FROM entries').get()).toEqual({ n: 0 })
    expect(database.query('SELECT bytes FROM total').get()).toEqual({ bytes: 0 })
    database.close()
  })

  test('is put aside when it is no database', () => {
    writeFileSync(file, 'This was never one. '.repeat(400))
    const disk = openDisk(file, 10_000, never)
    disk.set('a', { bytes: bytes(10), expires: later() })
    disk.close()
    expect(readdirSync(directory)).toContain('answers.sqlite.broken')
    const next = openDisk(file, 10_000, never)
    expect(next.get('a')).toBeDefined()
    next.close()
  })

  test('may be broken while it is in use: nothing is thrown', () => {
    const failures: unknown[] = []
    const disk = openDisk(file, 10_000, (error) => failures.push(error))
    disk.set('a', { bytes: bytes(5_000), expires: later() })
    disk.close()
    const size = statSync(file).size
    writeFileSync(file, Buffer.alloc(size, 7))
    const next = openDisk(file, 10_000, (error) => failures.push(error))
    expect(next.get('a')).toBeUndefined()
    next.set('b', { bytes: bytes(10), expires: later() })
    next.close()
  })

  test('where none can be made, nothing is kept and nothing thrown', () => {
    writeFileSync(join(directory, 'file'), '')
    const failures: unknown[] = []
    const disk = openDisk(join(directory, 'file', 'x.sqlite'), 10_000, (error) =>
      failures.push(error),
    )
    disk.set('a', { bytes: bytes(10), expires: later() })
    expect(disk.get('a')).toBeUndefined()
    disk.close()
    expect(failures).toHaveLength(1)
  })

  test('that another process holds is written when it lets go', async () => {
    const disk = openDisk(file, 10_000, never)
    const other = new Database(file)
    other.run('BEGIN IMMEDIATE')
    disk.set('a', { bytes: bytes(10), expires: later() })
    await Bun.sleep(200)
    expect(disk.get('a')).toBeDefined()
    expect(other.query('SELECT COUNT(*) AS n FROM entries').get()).toEqual({ n: 0 })
    other.run('COMMIT')
    await until(
      'it is written',
      () => other.query<{ n: number }, []>('SELECT COUNT(*) AS n FROM entries').get()?.n === 1,
    )
    other.close()
    disk.close()
  })

  test('may be shared: each finds what the other has put', async () => {
    const [one, two] = [openDisk(file, 100_000, never), openDisk(file, 100_000, never)]
    for (let at = 0; at < 50; at++) {
      one.set(`one${at}`, { bytes: bytes(100, 1), expires: later() })
      two.set(`two${at}`, { bytes: bytes(100, 2), expires: later() })
      if (at % 10 === 0) await Bun.sleep(20)
    }
    await until('both are written', () => Boolean(one.get('two49')) && Boolean(two.get('one49')))
    expect(Array.from({ length: 50 }, (_, at) => two.get(`one${at}`)).every(Boolean)).toBe(true)
    one.close()
    two.close()
  })
})

describe('over a restart', () => {
  test('a daemon answers with what it was answered before, and a broken file stops nobody', async () => {
    await using provider = await startProvider({ name: 'box' })
    const config = JSON.stringify({
      server: { log: 'json', discover: false },
      providers: { box: { base_url: provider.url } },
      plugins: [{ cache: { mode: 'on' } }],
    })
    const env = { SLUICE_DATA: directory, XDG_DATA_HOME: directory }
    const ask = async (): Promise<Answer> => {
      await using sluice = await startSluice({ config, env })
      return await chat(sluice.v1, { model: 'box/m', messages: prompt })
    }
    const first = await ask()
    expect(told(first)).toBe('MISS')
    const second = await ask()
    expect([told(second), second.text]).toEqual(['HIT', first.text])
    expect(second.headers.get('x-openrouter-cache-source-id')).toBe(
      first.headers.get('x-generation-id'),
    )
    const [kept] = [...new Bun.Glob('**/answers-1.sqlite').scanSync(directory)]
    writeFileSync(join(directory, kept!), 'no database at all'.repeat(1_000))
    const third = await ask()
    expect([told(third), third.status]).toEqual(['MISS', 200])
  })

  test('two daemons with one file answer with what either was answered', async () => {
    await using provider = await startProvider({ name: 'box' })
    const config = JSON.stringify({
      server: { log: 'json', discover: false },
      providers: { box: { base_url: provider.url } },
      plugins: [{ cache: { mode: 'on' } }],
    })
    const env = { SLUICE_DATA: directory }
    await using one = await startSluice({ config, env })
    await using two = await startSluice({ config, env })
    const ask = (sluice: Sluice, at: number) =>
      chat(sluice.v1, {
        model: 'box/m',
        messages: [{ role: 'user', content: `Number ${at}?` }],
      })
    const numbers = Array.from({ length: 20 }, (_, at) => at)
    await Promise.all(numbers.map((at) => ask(at % 2 === 0 ? one : two, at)))
    await until('each has what the other was answered', async () => {
      const all = await Promise.all(numbers.map((at) => ask(at % 2 === 0 ? two : one, at)))
      return all.every((answer) => told(answer) === 'HIT')
    })
  })

  test('over a reload, what is in memory stays', async () => {
    await using provider = await startProvider({ name: 'box' })
    const config = {
      server: { log: 'json', discover: false, heartbeat: '9s' },
      providers: { box: { base_url: provider.url } },
      plugins: [{ cache: { mode: 'on', disk: false } }],
    }
    await using sluice = await startSluice({ config: JSON.stringify(config) })
    const ask = () => chat(sluice.v1, { model: 'box/m', messages: prompt })
    await ask()
    config.server.heartbeat = '8s'
    await sluice.write('config.yaml', JSON.stringify(config))
    await until('it is read again', () =>
      sluice.log().some(({ message }) => message === 'config reloaded'),
    )
    expect(told(await ask())).toBe('HIT')
  })
})
