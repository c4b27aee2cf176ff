import { afterEach, beforeEach, expect, spyOn, test, type Mock } from 'bun:test'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { init, type InitOptions } from '../src/commands/init.ts'
import { parseConfig } from '../src/config.ts'
import { toProvider, unwritten } from '../src/config/provider.ts'

let directory: string
let printed: Mock<typeof console.log>
let complained: Mock<typeof console.error>
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-init-'))
  printed = spyOn(console, 'log').mockImplementation(() => {})
  complained = spyOn(console, 'error').mockImplementation(() => {})
})
afterEach(async () => {
  printed.mockRestore()
  complained.mockRestore()
  await rm(directory, { recursive: true })
})

const ollama = (base_url: string) => {
  const written = { ...unwritten, base_url, models: ['a', 'b', 'c', 'd'] }
  const found = toProvider('ollama', written, {}, () => {})
  if (!found) throw new Error('ollama is a preset')
  return found
}

const run = (options: Partial<InitOptions> = {}) =>
  init({
    file: join(directory, 'config.yaml'),
    force: false,
    yes: true,
    env: {},
    tty: false,
    probe: async () => [],
    ...options,
  })

const read = () => Bun.file(join(directory, 'config.yaml')).text()
const parse = async (env: Record<string, string> = {}) =>
  parseConfig(await read(), { file: 'config.yaml', directory, env })

test('what was found is written as a valid config, without any key', async () => {
  const env = { OPENAI_API_KEY: 'hush-1', GROQ_API_KEY: 'hush-2', GITHUB_TOKEN: 'hush-3' }
  const probe = async () => [ollama('http://127.0.0.1:11434/v1')]
  expect(await run({ env, probe })).toBe(0)
  const text = await read()
  expect(text).toStartWith('# yaml-language-server: $schema=./sluice.schema.json\n')
  expect(text).not.toContain('hush')
  expect(text).toContain('# key from OPENAI_API_KEY')
  expect(text).toContain('# has a, b, c, … (4)')
  const config = await parse(env)
  expect([...config.providers.keys()]).toEqual(['openai', 'groq', 'ollama', 'demo'])
  expect(config.plugins.map(({ name }) => name)).toEqual(['fallback'])
  expect(config.server).toMatchObject({ host: '127.0.0.1', port: 4747 })
})

test('with nothing found the config goes on looking', async () => {
  expect(await run()).toBe(0)
  const config = await parse({ XAI_API_KEY: 'x' })
  expect([...config.providers.keys()]).toEqual(['xai', 'demo'])
  expect(config.server.discover).toBe(true)
})

test('a runtime on another port keeps it', async () => {
  await run({ probe: async () => [ollama('http://127.0.0.1:9999/v1')] })
  expect((await parse()).providers.get('ollama')?.base_url).toBe('http://127.0.0.1:9999/v1')
})

test('only the owner can read the file, and the schema stands beside it', async () => {
  await run({ schema: { title: 'mine' } })
  expect((await stat(join(directory, 'config.yaml'))).mode & 0o777).toBe(0o600)
  expect(await Bun.file(join(directory, 'sluice.schema.json')).json()).toEqual({ title: 'mine' })
})

test('an existing file is only replaced with force', async () => {
  const file = join(directory, 'config.yaml')
  await writeFile(file, '# mine\n', { mode: 0o644 })
  expect(await run()).toBe(1)
  expect(complained.mock.calls.flat().join()).toContain('exists already; --force replaces it')
  expect(await read()).toBe('# mine\n')
  expect(await readdir(directory)).toEqual(['config.yaml'])
  expect(await run({ force: true })).toBe(0)
  expect(await read()).toContain('plugins:')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await readdir(directory)).toSorted()).toEqual(['config.yaml', 'sluice.schema.json'])
})

test('folders on the way are made, and a place that cannot be written is told', async () => {
  expect(await run({ file: join(directory, 'deep/er/config.yaml') })).toBe(0)
  await writeFile(join(directory, 'file'), '')
  expect(await run({ file: join(directory, 'file/config.yaml') })).toBe(1)
  expect(complained.mock.calls.flat().join()).toContain('cannot be written')
})

test('nobody is asked when nobody is there', async () => {
  expect(await run({ yes: false, tty: false })).toBe(0)
})

/** Answers the wizard at a terminal: waits for each question, then types. */
const wizard = async (answers: readonly (readonly [question: string, keys: string])[]) => {
  const script = `
    import { init } from '${import.meta.dir}/../src/commands/init.ts'
    const env = { GROQ_API_KEY: 'hush', OPENAI_API_KEY: 'hush', GITHUB_TOKEN: 'hush' }
    const file = '${directory}/config.yaml'
    process.exit(await init({ file, force: false, yes: false, env, probe: async () => [] }))`
  const decoder = new TextDecoder()
  let screen = ''
  const child = Bun.spawn([process.execPath, '-e', script], {
    terminal: {
      cols: 120,
      rows: 40,
      data: (_, bytes) => {
        screen += decoder.decode(bytes, { stream: true })
      },
    },
  })
  for (const [question, keys] of answers) {
    while (!screen.includes(question) && child.exitCode === null) await Bun.sleep(5)
    child.terminal?.write(keys)
  }
  return { code: await child.exited, screen: () => screen }
}

const ENTER = '\r'
const BACK = '\x7f'

test('the wizard asks for providers, address and whether clients need a key', async () => {
  const { code, screen } = await wizard([
    ['Which providers', ` ${ENTER}`],
    ['Which address', ENTER],
    ['Which port', `${BACK.repeat(4)}99999${ENTER}`],
    ['from 0 to 65535', `${BACK.repeat(5)}8080${ENTER}`],
    ['Shall clients need a key', 'y'],
  ])
  expect(code).toBe(0)
  const config = await parse({ GROQ_API_KEY: 'g' })
  expect([...config.providers.keys()]).toEqual(['groq', 'demo'])
  expect(config.server.port).toBe(8080)
  const [key = ''] = /sk-sluice-[\w-]{43}/.exec(screen()) ?? []
  const hash = new Bun.CryptoHasher('sha256').update(key).digest('hex')
  expect(config.plugins[0]).toMatchObject({
    name: 'auth',
    options: { keys: { default: { hash: `sha256:${hash}` } } },
  })
  expect(await read()).not.toContain(key)
  expect(screen()).not.toContain('hush')
})

test('an address that others can reach needs a key without asking', async () => {
  const { code } = await wizard([
    ['Which providers', ENTER],
    ['Which address', `${BACK.repeat(9)}0.0.0.0${ENTER}`],
    ['Which port', ENTER],
  ])
  expect(code).toBe(0)
  const config = await parse({ GROQ_API_KEY: 'g', OPENAI_API_KEY: 'o' })
  expect(config.server.host).toBe('0.0.0.0')
  expect(config.plugins.map(({ name }) => name)).toEqual(['auth', 'fallback'])
})

test('giving up writes nothing', async () => {
  const { code } = await wizard([['Which providers', '\x03']])
  expect(code).toBe(130)
  expect(await readdir(directory)).toEqual([])
})
