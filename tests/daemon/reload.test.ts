import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, mkdtemp, rename, rm, symlink, unlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { chat } from '../support/lab.ts'
import { startSluice, type Sluice } from '../support/sluice.ts'
import { until } from '../support/until.ts'

/** A plugin that answers by itself with a word, after as many milliseconds as the prompt says. */
const plugin = (word: string, more = ''): string => `
import { definePlugin, v } from 'sluice/plugin'
${more}
export default definePlugin({
  name: 'word',
  options: v.strictObject({ suffix: v.optional(v.string(), '') }),
  setup({ suffix }, host) {
    host.onClose(() => host.log.info('closed', { word: '${word}' + suffix }))
    return async function* word(call) {
      const piece = (content, finish_reason = null) => ({
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta: { content }, finish_reason }],
      })
      yield piece('${word}')
      await Bun.sleep(Number(call.request.messages[0].content) || 0)
      yield piece(suffix, 'stop')
    }
  },
})`

const yaml = (suffix: string): string => `
server: { log: json, discover: false }
plugins:
  - ./word.ts: { suffix: "${suffix}" }
`

describe('what is saved', () => {
  let sluice: Sluice
  beforeAll(async () => {
    sluice = await startSluice({ config: yaml('-1'), files: { 'word.ts': plugin('one') } })
  })
  afterAll(() => sluice.stop())

  const path = (name: string) => join(sluice.directory, name)
  const say = async (wait = 0): Promise<string> => {
    const messages = [{ role: 'user', content: String(wait) }]
    return (await chat(sluice.v1, { model: 'demo/demo', stream: true, messages })).text
  }
  const becomes = (text: string) => until(`it says ${text}`, async () => (await say()) === text)
  const logged = (message: string) => sluice.log().filter((line) => line.message === message)

  test('in place is taken up', async () => {
    expect(await say()).toBe('one-1')
    await Bun.write(path('config.yaml'), yaml('-2'))
    await becomes('one-2')
  })

  test('by an atomic rename is taken up, again and again', async () => {
    for (const suffix of ['-3', '-4', '-5']) {
      await sluice.write('config.yaml', yaml(suffix))
      await becomes(`one${suffix}`)
    }
  })

  test('after the file was removed and written anew is taken up', async () => {
    const before = logged('config not reloaded; the one before stays').length
    await unlink(path('config.yaml'))
    await until(
      'the loss was noticed',
      () => logged('config not reloaded; the one before stays').length > before,
    )
    expect(await say()).toBe('one-5')
    await Bun.write(path('config.yaml'), yaml('-6'))
    await becomes('one-6')
  })

  test('of a plugin is taken up, in place and by rename', async () => {
    await Bun.write(path('word.ts'), plugin('two'))
    await becomes('two-6')
    await sluice.write('word.ts', plugin('three'))
    await becomes('three-6')
  })

  test('is taken up on SIGHUP, even if nothing changed', async () => {
    // the line about what was saved before may still be on its way
    const reloads = () => logged('config reloaded').filter(({ why }) => why === 'SIGHUP')
    expect(reloads()).toEqual([])
    sluice.signal('SIGHUP')
    await until('it was read again', () => reloads().length === 1)
    expect(await say()).toBe('three-6')
  })

  test.each([
    ['unknown keys', 'server: { prot: 1 }\nplugins: []', 'config.yaml:1:11 server.prot'],
    ['half a file', 'server: { log: json, disc', 'config.yaml:1:'],
    [
      'options of the plugin',
      'plugins:\n  - ./word.ts: { sufix: x }\n',
      'config.yaml:2:18 plugins[0]["./word.ts"].sufix',
    ],
    ['no such plugin', 'plugins:\n  - ./wrd.ts\n', 'config.yaml:2:5 plugins[0]'],
  ])('and broken changes nothing and says why: %s', async (_what, broken, place) => {
    const before = logged('config not reloaded; the one before stays').length
    await sluice.write('config.yaml', broken)
    await until(
      'the problem was told',
      () => logged('config not reloaded; the one before stays').length > before,
    )
    const problem = logged('config not reloaded; the one before stays').at(-1)
    expect(problem.level).toBe('error')
    expect(problem.problems[0]).toContain(place)
    expect(await say()).toBe('three-6')
    await sluice.write('config.yaml', yaml('-6'))
    await until('it is well again', () => sluice.log().at(-1)?.message !== problem.message)
  })

  test('of a plugin and broken changes nothing, and is well again when it is mended', async () => {
    for (const broken of ['export default {', 'export default 5', 'throw new Error("at load")']) {
      const before = logged('config not reloaded; the one before stays').length
      await sluice.write('word.ts', broken)
      await until(
        'the problem was told',
        () => logged('config not reloaded; the one before stays').length > before,
      )
      expect(logged('config not reloaded; the one before stays').at(-1).problems[0]).toContain(
        'config.yaml:4:5 plugins[0]',
      )
      expect(await say()).toBe('three-6')
    }
    await sluice.write('word.ts', plugin('four'))
    await becomes('four-6')
  })

  test('leaves a call in flight on the plugin and the options it began with', async () => {
    const slow = say(700)
    await until('it is in flight', async () => {
      const { in_flight } = (await (await fetch(`${sluice.url}/ready`)).json()) as any
      return in_flight === 1
    })
    const closed = () => logged('closed').map(({ word }) => word)
    await sluice.write('word.ts', plugin('five'))
    await sluice.write('config.yaml', yaml('-7'))
    await becomes('five-7')
    expect(closed()).not.toContain('four-6')
    expect(await slow).toBe('four-6')
    await until('the old plugin was closed', () => closed().includes('four-6'))
  })

  test('reloads without end keep answering', async () => {
    const answers: string[] = []
    const done = new AbortController()
    const asking = (async () => {
      while (!done.signal.aborted) answers.push(await say())
    })()
    for (let n = 10; n < 20; n++) {
      await sluice.write('config.yaml', yaml(`-${n}`))
      await Bun.sleep(30)
    }
    await becomes('five-19')
    done.abort()
    await asking
    expect(answers.length).toBeGreaterThan(10)
    expect(answers.filter((answer) => !/^five-\d+$/.test(answer))).toEqual([])
  })

  test('the address stays, whatever the YAML says of it', async () => {
    await sluice.write('config.yaml', yaml('-20').replace('log: json', 'log: json, port: 1'))
    await becomes('five-20')
    expect(logged('config reloaded').length).toBeGreaterThan(5)
  })
})

test('a bind that is open to others cannot lose its keys by a reload', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-open-'))
  const file = join(folder, 'config.yaml')
  const config = (plugins: string) =>
    Bun.write(file, `server: { log: json, host: 0.0.0.0, discover: false }\nplugins: ${plugins}\n`)
  await config('[auth: { keys: { a: { key: k } } }]')
  const main = resolve(import.meta.dir, '../../src/main.ts')
  const child = Bun.spawn([process.execPath, main, 'start', '-c', file, '-p', '0'], {
    env: { PATH: process.env.PATH ?? '', HOME: folder },
    stdout: 'pipe',
    stderr: 'inherit',
  })
  let out = ''
  const reading = (async () => {
    for await (const bytes of child.stdout) out += new TextDecoder().decode(bytes)
  })()
  try {
    await until('it listens', () => /http:\/\/0\.0\.0\.0:\d+/.test(out))
    const [, port] = /http:\/\/0\.0\.0\.0:(\d+)/.exec(out)!
    const status = async () => (await fetch(`http://127.0.0.1:${port}/v1/models`)).status
    expect(await status()).toBe(401)
    await config('[]')
    await until('it was refused', () => out.includes('without a key'))
    expect(await status()).toBe(401)
  } finally {
    child.kill('SIGTERM')
    expect(await child.exited).toBe(0)
    await reading
    await rm(folder, { recursive: true })
  }
})

test('a file that a plugin imports is read anew when it is saved', async () => {
  // only the plugin's own file gets a new version: "editing a plugin file reloads it" fails for plugins of two files
  await using sluice = await startSluice({
    config: yaml('-1'),
    files: {
      'word.ts': plugin('word', `import { mark } from './mark.ts'`).replace("'word')", 'mark)'),
      'mark.ts': `export const mark = 'one'`,
    },
  })
  const messages = [{ role: 'user', content: '0' }]
  const say = async () =>
    (await chat(sluice.v1, { model: 'demo/demo', stream: true, messages })).text
  expect(await say()).toBe('one-1')
  await sluice.write('mark.ts', `export const mark = 'two'`)
  await until('it was read again', () =>
    sluice.log().some(({ message }) => message === 'config reloaded'),
  )
  await until('it says two', async () => (await say()) === 'two-1', 1_000)
})

test('a config behind a link that is swapped, as Kubernetes does, is taken up', async () => {
  // ..data is renamed over: no event names config.yaml, so that the watcher does not care
  await using sluice = await startSluice({
    config: yaml('-1'),
    files: { 'word.ts': plugin('one') },
  })
  const path = (name: string) => join(sluice.directory, name)
  const messages = [{ role: 'user', content: '0' }]
  const says = (text: string, limit?: number) =>
    until(
      `it says ${text}`,
      async () =>
        (await chat(sluice.v1, { model: 'demo/demo', stream: true, messages })).text === text,
      limit,
    )
  for (const version of ['v2', 'v3']) {
    await mkdir(path(version))
    const moved = yaml(`-${version}`).replace('./word.ts', path('word.ts'))
    await Bun.write(path(`${version}/config.yaml`), moved)
  }
  await symlink('v2', path('..data'))
  await symlink('..data/config.yaml', path('config.yaml.link'))
  await rename(path('config.yaml.link'), path('config.yaml'))
  await says('one-v2')
  await symlink('v3', path('..new'))
  await rename(path('..new'), path('..data'))
  await says('one-v3', 1_500)
  await rm(path('v2'), { recursive: true })
})
