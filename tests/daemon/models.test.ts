import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { modelTable } from '../../src/commands/models/table.ts'
import { runCommand } from '../support/command.ts'
import { startProvider, type Provider } from '../support/provider.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'

const key = 'sk-test-laptop-0001'

let folder = ''
let provider: Provider
let sluice: Sluice

const config = (port: number) => ({
  server: { drain: '1s', discover: false, port },
  providers: {
    dear: {
      base_url: provider.url,
      api_key: 'sk-hush',
      models: { big: { context_length: 128_000, pricing: { prompt: 2.5, completion: 10 } } },
    },
    cheap: {
      base_url: provider.url,
      api_key: 'sk-hush',
      models: { big: { context_length: 32_000, pricing: { prompt: 0.125, completion: 0.5 } } },
    },
    own: { base_url: provider.url, models: ['small'] },
    odd: { base_url: 'https://odd.example/v1', api_key: 'sk-hush', models: ['huge'] },
    asked: { base_url: provider.url },
  },
  routes: { smart: ['dear/big', 'cheap/big'], nick: 'smart' },
  plugins: [
    { auth: { keys: { laptop: { key }, narrow: { key: 'sk-narrow', models: ['nick'] } } } },
  ],
})

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-models-'))
  provider = await startProvider()
  sluice = await startSluice({ config: JSON.stringify(config(4747)) })
  await Bun.write(join(folder, 'config.yaml'), JSON.stringify(config(1)))
  await Bun.write(join(folder, 'runs.yaml'), JSON.stringify(config(sluice.port)))
})
afterAll(async () => {
  await sluice.stop()
  await provider.stop()
  await rm(folder, { recursive: true, force: true })
})

const run = async (args: readonly string[], env: Record<string, string> = {}) => {
  const ran = await runCommand(['models', ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...env },
  })
  return { ...ran, lines: ran.stdout.trimEnd().split('\n') }
}

const cells = (line: string | undefined): string[] => line?.trim().split(/ {2,}/) ?? []
const row = (lines: readonly string[], id: string): string[] =>
  cells(lines.find((line) => cells(line)[0] === id))

describe('without a daemon, sluice models', () => {
  test('reads the config, and says what it does not know', async () => {
    const { lines, stderr, code } = await run(['-c', 'config.yaml'])
    expect(code).toBe(0)
    expect(cells(lines[0])).toEqual(['model', '$ a million, in / out', 'context', 'providers'])
    expect(row(lines, 'smart')).toEqual(['smart', '$2.5 / $10', '128K', 'dear, cheap'])
    expect(row(lines, 'cheap/big')).toEqual(['cheap/big', '$0.125 / $0.5', '32K', 'cheap'])
    expect(row(lines, 'own/small')).toEqual(['own/small', 'free', '-', 'own'])
    expect(row(lines, 'odd/huge')).toEqual(['odd/huge', 'unpriced', '-', 'odd'])
    expect(row(lines, 'sluice/auto')).toEqual(['sluice/auto', 'varies', '-', '-'])
    expect(stderr).toContain('No daemon runs')
  })

  test('asks runtimes of this machine what they have, and nobody else', async () => {
    const runtime = await startProvider()
    const { providers, ...rest } = config(1)
    const asked = { base_url: runtime.url }
    const yaml = JSON.stringify({ ...rest, providers: { ...providers, asked } })
    await Bun.write(join(folder, 'runtime.yaml'), yaml)
    const { lines } = await run(['-c', 'runtime.yaml', 'asked'])
    await runtime.stop()
    expect(lines.length).toBeGreaterThan(1)
    expect([runtime.listings.length, runtime.requests.length]).toEqual([1, 0])
  })

  test('has no colours in a pipe, and prints JSON that a program can read', async () => {
    const { stdout } = await run(['-c', 'config.yaml'], { FORCE_COLOR: '1' })
    expect(stdout).not.toContain('\u001b')
    const { stdout: text, stderr } = await run(['-c', 'config.yaml', '--json', 'smart'])
    const models = JSON.parse(text)
    expect(models.map(({ id }: any) => id)).toEqual(['smart', 'nick'])
    expect(models[0].pricing).toEqual({ prompt: '0.0000025', completion: '0.00001' })
    expect(models[0].endpoints.map(({ tag }: any) => tag)).toEqual(['dear', 'cheap'])
    expect(stderr).toBe('')
    expect(text).not.toContain('sk-hush')
  })

  test('is not taken in by another server at the daemon’s address', async () => {
    const other = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: () => new Response('hello') })
    await Bun.write(join(folder, 'other.yaml'), JSON.stringify(config(other.port!)))
    const { lines, stderr, code } = await run(['-c', 'other.yaml'])
    await other.stop(true)
    expect([code, stderr.includes('No daemon runs')]).toEqual([0, true])
    expect(row(lines, 'smart')).toEqual(['smart', '$2.5 / $10', '128K', 'dear, cheap'])
  })

  test('leaves with 1 when nothing is found', async () => {
    expect(await run(['-c', 'config.yaml', 'nothing'])).toMatchObject({ code: 1, stdout: '' })
    expect(await run(['-c', 'config.yaml', 'nothing', '--json'])).toMatchObject({
      code: 1,
      stdout: '[]\n',
    })
  })

  test('leaves with 78 when the config is wrong, and with 64 when its words are', async () => {
    await Bun.write(join(folder, 'wrong.yaml'), 'providers: [1]')
    expect((await run(['-c', 'wrong.yaml'])).code).toBe(78)
    expect((await run(['two', 'words'])).code).toBe(64)
    const refused = await run(['--url', 'http://127.0.0.1:1'])
    expect([refused.code, refused.stderr]).toEqual([
      1,
      'sluice: no Sluice answers at http://127.0.0.1:1\n',
    ])
  })
})

describe('with a daemon, sluice models', () => {
  test('tells what that knows, and how its endpoints are', async () => {
    const { lines, stderr, code } = await run(['-c', 'runs.yaml'], { SLUICE_API_KEY: key })
    expect([code, stderr]).toEqual([0, ''])
    expect(cells(lines[0]).at(-1)).toBe('health')
    expect(row(lines, 'smart')).toEqual(['smart', '$2.5 / $10', '128K', 'dear, cheap', 'untried'])
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const messages = [{ role: 'user', content: 'Hello.' }]
    const body = JSON.stringify({ model: 'cheap/big', messages })
    const answer = await fetch(`${sluice.v1}/chat/completions`, { method: 'POST', headers, body })
    expect(answer.status).toBe(200)
    const after = await run(['-c', 'runs.yaml', 'big'], { SLUICE_API_KEY: key })
    expect(row(after.lines, 'cheap/big').at(-1)).toBe('well')
    expect(row(after.lines, 'dear/big').at(-1)).toBe('untried')
  })

  test('shows a key what it may use', async () => {
    const { lines, code } = await run(['--url', sluice.url, '--key', 'sk-narrow'])
    expect(code).toBe(0)
    expect(lines.slice(1).map((line) => cells(line)[0])).toEqual([
      'nick',
      'sluice/auto',
      'sluice/free',
      'sluice/local',
    ])
  })

  test('passes on why it is refused', async () => {
    const { stderr, code } = await run(['-c', 'runs.yaml'])
    expect(code).toBe(1)
    expect(stderr).toContain('API key')
  })
})

describe('the table', () => {
  const model = (id: string, endpoints: object[], more: object = {}) => ({
    id,
    context_length: 1_048_576,
    pricing: { prompt: '0.00000015', completion: '-1' },
    architecture: { tokenizer: 'Other' },
    endpoints,
    ...more,
  })
  const at = (tag: string, status = 0) => ({ tag, status, uptime_last_1d: 99.5 })
  const look = { width: undefined, colours: false, seen: true }

  test('counts the endpoints that are well', () => {
    const models = [
      model('all', [at('a'), at('b')]),
      model('some', [at('a', -3), at('b')]),
      model('failing', [at('a', -1)]),
      model('keyless', [at('a', -2)]),
      model('many', [at('a'), at('b'), at('c'), at('d'), at('e')]),
    ]
    const rows = modelTable(models, look).map(cells)
    expect(rows[1]).toEqual(['all', '$0.15 / unpriced', '1M', 'a, b', 'well'])
    expect(rows.slice(2).map((row) => row.at(-1))).toEqual([
      '1 of 2 well',
      'failing lately',
      'none of its keys is usable now',
      'well',
    ])
    const untried = modelTable(
      [model('new', [{ tag: 'a', status: 0, uptime_last_1d: null }])],
      look,
    )
    expect(cells(untried[1]).at(-1)).toBe('untried')
    expect(rows[5]?.[3]).toBe('a, b, c, 2 more')
  })

  test('takes two lines a model where the terminal is narrow, and cuts no name', () => {
    const id = 'vendor/a-model-with-a-rather-long-name'
    const lines = modelTable([model(id, [at('a')])], { ...look, width: 50 })
    expect(lines).toEqual([id, '  $0.15 / unpriced  1M  a  well'])
  })

  test('lets nothing through that a terminal would obey', () => {
    const [, line] = modelTable([model('evil\u001b[2J\u0007', [at('a\nb')])], look)
    expect(line).toContain('evil?[2J?')
    expect(line).toContain('a?b')
  })
})
