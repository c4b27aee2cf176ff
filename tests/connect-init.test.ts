import { afterEach, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

setDefaultTimeout(60_000)

const init = resolve(import.meta.dir, '../src/commands/init.ts')

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-connect-init-'))
  await mkdir(join(home, '.codex'))
  await mkdir(join(home, '.claude'))
})
afterEach(() => rm(home, { recursive: true }))

const script = (yes: boolean) => `
  import { init } from '${init}'
  const env = { HOME: '${home}', PATH: '', GROQ_API_KEY: 'hush' }
  const file = '${home}/config.yaml'
  process.exit(await init({ file, force: false, yes: ${yes}, env, probe: async () => [] }))`

test('who asks for nothing is told which agents are here', async () => {
  const child = Bun.spawn([process.execPath, '-e', script(true)], {
    stdin: 'ignore',
    stdout: 'pipe',
  })
  const out = await new Response(child.stdout).text()
  expect(await child.exited).toBe(0)
  expect(out).toContain('Coding agents here: claude-code, codex.')
  expect(out).toContain('bun sluice connect claude-code shows what would point one at Sluice.')
})

test('who is asked can have them connected, with the key that was made', async () => {
  const decoder = new TextDecoder()
  let screen = ''
  const child = Bun.spawn([process.execPath, '-e', script(false)], {
    terminal: {
      cols: 120,
      rows: 40,
      data: (_, bytes) => {
        screen += decoder.decode(bytes, { stream: true })
      },
    },
  })
  const answers: readonly (readonly [question: string, keys: string])[] = [
    ['Which providers', '\r'],
    ['Which address', '\r'],
    ['Which port', '\x7f'.repeat(4) + '8080\r'],
    ['Shall clients need a key', 'y'],
    ['Which coding agents', ' \r'],
    ['Connect Claude Code?', 'y'],
  ]
  for (const [question, keys] of answers) {
    while (!screen.includes(question) && child.exitCode === null) await Bun.sleep(5)
    child.terminal?.write(keys)
  }
  expect(await child.exited).toBe(0)
  const [key = ''] = /sk-sluice-[\w-]{43}/.exec(screen) ?? []
  const { env } = JSON.parse(await readFile(join(home, '.claude/settings.json'), 'utf8'))
  expect(env).toMatchObject({
    ANTHROPIC_BASE_URL: 'http://127.0.0.1:8080',
    ANTHROPIC_AUTH_TOKEN: key,
  })
  expect(await Bun.file(join(home, '.codex/config.toml')).exists()).toBe(false)
})
