import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from '../support/command.ts'
import { chat } from '../support/lab.ts'
import { startSluice } from '../support/sluice.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(30_000)

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-new-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const env = { PATH: process.env.PATH ?? '', HOME: tmpdir(), NO_COLOR: '1' }
const create = (args: readonly string[], cwd = folder) =>
  runCommand(['plugin', ...args], { cwd, env })

/** Runs the command that was printed, as a user would who copies it. */
const runPrinted = async (stdout: string, cwd: string) => {
  const [, printed] = /Test it:\n {2}(.*)\n/.exec(stdout) ?? []
  const command = printed!.replace(/^(bun|npx -y bun@\S+) /, `${process.execPath} `)
  const child = Bun.spawn(['sh', '-c', command], { cwd, env, stdout: 'pipe', stderr: 'pipe' })
  const [out, error, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { output: out + error, code }
}

describe('plugin new', () => {
  test('writes a plugin and a test that passes with the command it prints', async () => {
    const { stdout, stderr, code } = await create(['new', 'my-first'])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('- ./plugins/my-first.ts: {')
    const { output, code: tested } = await runPrinted(stdout, folder)
    expect(output).toContain('the plugin my-first keeps the contract')
    expect([tested, output]).toEqual([0, expect.stringContaining(' 0 fail')])
  })

  test('writes beside the config, wherever it is run', async () => {
    const config = join(folder, 'elsewhere/config.yaml')
    await Bun.write(config, 'plugins: [./plugins/other.ts]\n')
    const cwd = await mkdtemp(join(folder, 'cwd-'))
    const { stdout } = await create(['new', 'other', '--config', config], cwd)
    expect(await readdir(join(folder, 'elsewhere/plugins'))).toEqual(
      expect.arrayContaining(['other.ts', 'other.test.ts']),
    )
    expect((await runPrinted(stdout, cwd)).code).toBe(0)
    const checked = await runCommand(['check', '-c', config], { cwd, env })
    expect(checked.stdout).toContain('client → other → provider')
  })

  test('overwrites nothing, and leaves no half of a pair', async () => {
    const mine = join(folder, 'plugins/mine.test.ts')
    await Bun.write(mine, '// mine')
    for (const _ of [1, 2]) {
      const { stderr, code } = await create(['new', 'mine'])
      expect([code, stderr]).toEqual([1, 'sluice: plugins/mine.test.ts exists already\n'])
    }
    expect(await Bun.file(mine).text()).toBe('// mine')
    expect(await Bun.file(join(folder, 'plugins/mine.ts')).exists()).toBe(false)
  })

  test.each([
    [[], 'plugin new NAME writes'],
    [['nwe'], 'unknown action nwe; did you mean new?'],
    [['new'], 'a name is missing'],
    [['new', 'Hello'], 'small letters'],
    [['new', '../hello'], 'small letters'],
    [['new', 'a--b'], 'small letters'],
    [['new', 'x'.repeat(65)], 'small letters'],
    [['new', 'fallback'], 'the name of a built-in plugin'],
    [['new', 'a', 'b'], 'one new NAME at a time'],
  ])('%j is refused', async (args, words) => {
    const { stderr, code } = await create(args)
    expect(code).toBe(64)
    expect(stderr).toContain(words)
  })
})

test('a plugin is live as soon as it is saved: new, edited, mended, and before it is there', async () => {
  const base = 'server: { log: json, discover: false }\n'
  await using sluice = await startSluice({ config: base })
  const says = async (words: string) => {
    const messages = [{ role: 'user', content: 'Hi' }]
    await until(`it says ${words}`, async () =>
      (await chat(sluice.v1, { model: 'demo/demo', messages })).text.endsWith(words),
    )
  }
  const failures = () =>
    sluice.log().filter(({ message }) => message.includes('not reloaded')).length
  /** Saves what cannot be loaded, and waits until that is told, be it more than once. */
  const isRefused = async (saved: string, text: string) => {
    const before = failures()
    await sluice.write(saved, text)
    await until('the mistake is told', () => failures() > before)
  }
  const listing = (...lines: string[]) => `${base}plugins: [${lines.join(', ')}]\n`

  await create(['new', 'hello'], sluice.directory)
  await sluice.write('config.yaml', listing('./plugins/hello.ts'))
  await says('Yours, hello')

  const file = 'plugins/hello.ts'
  const text = await Bun.file(join(sluice.directory, file)).text()
  await sluice.write(file, text.replace('Yours, hello', 'Bye'))
  await says('Bye')

  await isRefused(file, text.replace('definePlugin({', 'definePlugin({{'))
  await says('Bye')
  await sluice.write(file, text)
  await says('Yours, hello')

  await isRefused('config.yaml', listing('./plugins/hello.ts', './more/late.ts'))
  await sluice.write('more/late.ts', text.replaceAll('hello', 'late'))
  await says('Yours, late\n\nYours, hello')

  await isRefused('config.yaml', listing('./more/broken.ts'))
  await sluice.write('more/broken.ts', 'export default 5')
  await until('the mistake is told', () =>
    sluice.log().some(({ problems }) => String(problems).includes('no definePlugin')),
  )
  await sluice.write('more/broken.ts', text.replaceAll('hello', 'mended'))
  await says('Yours, mended')
})
