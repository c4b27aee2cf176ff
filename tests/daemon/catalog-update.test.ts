import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { dataDirectory } from '../../src/data-directory.ts'
import { runCommand } from '../support/command.ts'
import { startSluice } from '../support/sluice.ts'
import { until } from '../support/until.ts'

let directory: string
let answer: (request: Request) => Response
let seen: Headers[]
let server: ReturnType<typeof Bun.serve>
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-data-'))
  seen = []
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch(request) {
      seen.push(request.headers)
      return answer(request)
    },
  })
})
afterEach(async () => {
  await server.stop(true)
  await rm(directory, { recursive: true, force: true })
})

const mirror = () => `http://127.0.0.1:${server.port}/api.json`
const file = () => join(directory, 'models.dev.json')

const sluice = async (...args: string[]) => {
  const ran = await runCommand(['catalog', ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', SLUICE_DATA: directory },
  })
  return { out: ran.stdout, error: ran.stderr, code: ran.code }
}
const update = (url = mirror()) => sluice('update', '--url', url)

const listOf = (models: object) => ({ openai: { id: 'openai', models } })
const small = { 'gpt-x': { cost: { input: 1, output: 2 }, limit: { context: 9_000, output: 900 } } }

describe('sluice catalog update', () => {
  test('gets the list, and tells what has changed the next time', async () => {
    answer = () => Response.json(listOf(small))
    const first = await update()
    expect(first).toMatchObject({ code: 0, error: '' })
    expect(first.out).toContain('1 models of 1 providers.')
    expect(first.out).toContain(file())
    expect((await stat(file())).mode & 0o077).toBe(0)

    answer = () =>
      Response.json(
        listOf({ 'gpt-x': { cost: { input: 3, output: 2 } }, 'gpt-y': {}, 'gpt-z': {} }),
      )
    const second = await update()
    expect(second.out).toContain('3 models of 1 providers: 2 new, 0 gone, 1 with another price.')
    answer = () => Response.json(listOf({ 'gpt-y': {} }))
    expect((await update()).out).toContain('0 new, 2 gone, 0 with another price')
    expect(await readdir(directory)).toEqual(['models.dev.json'])
  })

  test('does not download what it has', async () => {
    answer = ({ headers }) =>
      headers.get('if-none-match') === '"v1"'
        ? new Response(undefined, { status: 304 })
        : Response.json(listOf(small), { headers: { etag: '"v1"' } })
    await update()
    const before = await stat(file())
    const again = await update()
    expect(again).toMatchObject({ code: 0 })
    expect(again.out).toContain('Nothing has changed: 1 models of 1 providers.')
    expect((await stat(file())).mtimeMs).toBe(before.mtimeMs)
    // the tag of one server says nothing to another
    await update(mirror().replace('api.json', 'other.json'))
    expect(seen.map((headers) => headers.get('if-none-match'))).toEqual([null, '"v1"', null])
  })

  test.each([
    ['an error', () => new Response('no', { status: 500 }), 69, 'it answered 500'],
    [
      'a redirect',
      () => Response.redirect('https://models.dev/api.json'),
      69,
      'redirects are not followed',
    ],
    ['a page', () => new Response('<html>'), 65, 'no list of models'],
    ['a list without models', () => Response.json({ openai: {} }), 65, 'no list of models'],
    ['an unasked 304', () => new Response(undefined, { status: 304 }), 69, 'it answered 304'],
  ])('keeps what it has when the answer is %s', async (_, broken, exit, words) => {
    answer = () => Response.json(listOf(small))
    await update(mirror().replace('api', 'first'))
    const before = await readFile(file(), 'utf8')
    answer = broken
    const { code, error } = await update()
    expect(code).toBe(exit)
    expect(error).toContain(words)
    expect(await readFile(file(), 'utf8')).toBe(before)
    expect(await readdir(directory)).toEqual(['models.dev.json'])
  })

  test('says so when there is no network', async () => {
    await server.stop(true)
    const { code, error, out } = await update()
    expect({ code, out }).toEqual({ code: 69, out: '' })
    expect(error).toContain('cannot be reached (ECONNREFUSED)')
    expect(error).toContain('what was there before stays')
    expect(await readdir(directory)).toEqual([])
  })

  test.each([
    'http://models.example/api.json',
    'file:///etc/passwd',
    'https://me:secret@models.example/',
    'nonsense',
  ])('takes no list from %s', async (url) => {
    const { code, error } = await update(url)
    expect(code).toBe(64)
    expect(error).not.toContain('secret@')
  })

  test('is all that catalog can do', async () => {
    expect((await sluice()).code).toBe(64)
    expect((await sluice('delete')).code).toBe(64)
  })
})

test('a daemon uses a new list within seconds, and tells once of a damaged one', async () => {
  answer = () => Response.json({ object: 'list', data: [] })
  const config = JSON.stringify({
    providers: {
      openai: { base_url: `http://127.0.0.1:${server.port}/v1`, api_key: 'k', models: ['gpt-x'] },
    },
  })
  await using daemon = await startSluice({ config, env: { SLUICE_DATA: directory } })
  const told = (what: string) =>
    daemon.log().filter(({ message }) => message === `the list of models.dev is ${what}`)
  await writeFile(file(), 'nonsense')
  const warning = 'not used; sluice catalog update gets another'
  await until('the damage is told', () => told(warning).length > 0)
  answer = () => Response.json(listOf(small))
  expect((await update()).code).toBe(0)
  await until('the list is used', () => told('used').length > 0)
  expect(told(warning)).toHaveLength(1)
  expect(told('used')).toHaveLength(1)
}, 20_000)

test('the data directory is where the environment says', () => {
  const home = { HOME: '/home/me' }
  expect(dataDirectory(home)).toBe('/home/me/.local/share/sluice')
  expect(dataDirectory({ ...home, XDG_DATA_HOME: '/data' })).toBe('/data/sluice')
  expect(dataDirectory({ ...home, XDG_DATA_HOME: 'relative' })).toBe('/home/me/.local/share/sluice')
  expect(dataDirectory({ ...home, XDG_DATA_HOME: '/data', SLUICE_DATA: '/mine' })).toBe('/mine')
  expect(dataDirectory({ SLUICE_DATA: 'mine' })).toBe(resolve('mine'))
})
