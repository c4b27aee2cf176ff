import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import manifest from '../../package.json' with { type: 'json' }
import { runCommand } from '../support/command.ts'

let folder = ''

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-cli-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const run = (args: readonly string[], env: Record<string, string> = {}) =>
  runCommand(args, {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', HOME: folder, ...env },
  })

const file = async (name: string, yaml: string): Promise<string> => {
  await Bun.write(join(folder, name), yaml)
  return name
}

test.each([[[]], [['--help']], [['-h']], [['help']], [['start', '--help']], [['check', '-h']]])(
  '%j prints every command and flag',
  async (args) => {
    const { stdout, stderr, code } = await run(args)
    expect([code, stderr]).toEqual([0, ''])
    for (const word of ['start', 'init', 'check', 'schema', '--config', '--port', '--host', '-v'])
      expect(stdout).toContain(word)
  },
)

test.each([[['--version']], [['-v']]])('%j prints the version and nothing else', async (args) => {
  expect(await run(args)).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
})

test.each([
  [['strat'], 'unknown command strat; did you mean start?'],
  [['chekc', '--config', 'x'], 'unknown command chekc; did you mean check?'],
  [['nonsense'], 'unknown command nonsense\n'],
  [['constructor'], 'unknown command constructor'],
  [['start', '--prot', '1'], 'unknown option --prot; did you mean --port?'],
  [['start', '--cfg=x'], 'unknown option --cfg'],
  [['start', '-x'], 'unknown option -x'],
  [['check', '--port', '1'], 'unknown option --port'],
  [['start', '--port'], 'lacks its value'],
  [['start', 'now'], 'one word too many'],
  [['start', '--port', 'http'], '--port takes a number from 0 to 65535'],
  [['start', '--port', '65536'], '--port takes a number from 0 to 65535'],
])('%j is refused with a hint', async (args, hint) => {
  const { stdout, stderr, code } = await run(args)
  expect(code).toBe(64)
  expect(stderr).toContain(hint)
  expect(stdout).toBe('')
})

describe('check', () => {
  test('prints providers, routes and the onion of a good config', async () => {
    const yaml = `
providers: { box: { base_url: "http://127.0.0.1:9/v1", models: [echo], api_keys: [a, b] } }
routes: { fast/chat: [box/echo, { endpoint: demo/demo, weight: 2 }], gpt: fast/chat }
plugins: [auth: { keys: { laptop: { key: hush } } }, fallback, example]
`
    const { stdout, stderr, code } = await run(['check', '--config', await file('good.yaml', yaml)])
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(/box +http:\/\/127\.0\.0\.1:9\/v1 +2 keys +echo/)
    expect(stdout).toMatch(/fast\/chat +→ box\/echo, demo\/demo \(2\)/)
    expect(stdout).toMatch(/gpt += fast\/chat/)
    expect(stdout).toContain('client → auth → fallback → example → provider')
    expect(stdout).toEndWith('good.yaml: ok\n')
    expect(stdout).not.toContain('hush')
  })

  test('without a file tells what the environment offers', async () => {
    const { stdout, code } = await run(['check'], { OPENAI_API_KEY: 'sk-hush' })
    expect(code).toBe(0)
    expect(stdout).toContain('openai')
    expect(stdout).not.toContain('sk-hush')
  })

  test('takes the file from SLUICE_CONFIG, and the flag wins', async () => {
    const good = await file('env.yaml', 'plugins: []')
    const bad = await file('broken.yaml', 'plugin: []')
    expect((await run(['check'], { SLUICE_CONFIG: bad })).code).toBe(78)
    expect((await run(['check', '-c', good], { SLUICE_CONFIG: bad })).code).toBe(0)
  })

  test('refuses what a start would: a plugin that cannot be set up', async () => {
    const yaml = 'plugins:\n  - online: { engine: exa }\n  - fallback\n'
    const { stdout, stderr, code } = await run(['check', '-c', await file('exa.yaml', yaml)])
    expect([code, stdout]).toEqual([78, ''])
    expect(stderr).toMatch(/exa\.yaml:2:5 plugins\[0\]\.online: .*EXA_API_KEY is not set/)
  })

  test('tells every mistake, those in plugin options and plugin names too, by line and column', async () => {
    const yaml = `server: { prot: 1 }
providers:
  bad: { dialect: opnai, base_url: "http://127.0.0.1:9/v1" }
plugins:
  - falback
  - fallback: { attempts: many }
  - ./nowhere.ts
`
    const { stdout, stderr, code } = await run(['check', '-c', await file('bad.yaml', yaml)])
    expect([code, stdout]).toEqual([78, ''])
    expect(stderr.trim().split('\n')).toEqual([
      expect.stringContaining('bad.yaml:1:11 server.prot: unknown key "prot"; did you mean port?'),
      expect.stringContaining('bad.yaml:3:19 providers.bad.dialect: expected'),
      expect.stringMatching(
        /^bad\.yaml:5:5 plugins\[0\].*no plugin of that name.*did you mean fallback\?/,
      ),
      expect.stringContaining('bad.yaml:6:27 plugins[1].fallback.attempts: expected a number'),
      expect.stringMatching(/^bad\.yaml:7:5 plugins\[2\].*no plugin of that name/),
    ])
  })

  test('points at what is wrong with what holds of any plugin, and knows its words', async () => {
    const yaml = `plugins:
  - resume: { on_error: maybe, time: { chunk: x, reqest: 3s } }
  - example: { on_eror: skip }
  - fallback: { for: { model: [x] }, overrides: 3 }
`
    const { stderr, code } = await run(['check', '-c', await file('terms.yaml', yaml)])
    expect(code).toBe(78)
    expect(stderr.trim().split('\n')).toEqual([
      'terms.yaml:2:25 plugins[0].resume.on_error: expected one of fail, skip, got "maybe"',
      expect.stringContaining('terms.yaml:2:47 plugins[0].resume.time.chunk: expected a duration'),
      expect.stringContaining('terms.yaml:2:50 plugins[0].resume.time.reqest: unknown key'),
      'terms.yaml:3:16 plugins[1].example.on_eror: unknown key "on_eror"; did you mean on_error?',
      expect.stringContaining('terms.yaml:4:24 plugins[2].fallback.for.model: unknown key'),
      expect.stringContaining(
        'terms.yaml:4:49 plugins[2].fallback.overrides: expected true, false',
      ),
    ])
  })

  test('shows what holds of each plugin, and warns of an order that makes no sense', async () => {
    await Bun.write(
      join(folder, 'picky.ts'),
      `import { definePlugin, v } from 'sluice/plugin'
      export default definePlugin({
        name: 'picky',
        options: v.strictObject({}),
        order: [
          { outside: 'fallback', why: 'it says so' },
          { inside: 'auth', why: 'it must know who asks' },
          { outside: 'nobody', why: 'never' },
        ],
        setup: () => (call, next) => next(call),
      })`,
    )
    const yaml = `plugins:
  - fallback
  - ./picky.ts: { enabled: false, overrides: [x], for: { models: ["a/*"], tags: { team: b } } }
  - auth
  - example: { on_error: skip, for: { callers: [laptop] } }
  - example: { for: { callers: [server] }, overrides: false }
  - ./picky.ts
  - auth
`
    const { stdout, stderr, code } = await run(['check', '-c', await file('order.yaml', yaml)])
    expect(code).toBe(0)
    expect(stdout).toMatch(
      /picky +off unless a request asks for it; for models a\/\* and tags team=b; requests may set x\n/,
    )
    expect(stdout).toMatch(/example +for keys laptop; left out when it fails\n/)
    expect(stdout).toMatch(/example +for keys server; fixed for requests\n/)
    expect(stdout).toEndWith('order.yaml: ok\n')
    expect(stderr.trim().split('\n')).toEqual([
      'warning: order.yaml:3:5 plugins[1]["./picky.ts"]: picky should stand before fallback: it says so',
      'warning: order.yaml:3:5 plugins[1]["./picky.ts"]: picky should stand after auth: it must know who asks',
      'warning: order.yaml:7:5 plugins[5]: picky should stand before fallback: it says so',
      'warning: order.yaml:7:5 plugins[5]: picky should stand after auth: it must know who asks',
      expect.stringContaining('warning: order.yaml:8:5 plugins[6]: auth stands twice'),
    ])
  })

  test('refuses a plugin with an option that every plugin has', async () => {
    await Bun.write(
      join(folder, 'hidden.ts'),
      `import { definePlugin, v } from 'sluice/plugin'
      export default definePlugin({
        name: 'hidden',
        options: v.strictObject({ time: v.string() }),
        setup: () => (call, next) => next(call),
      })`,
    )
    const yaml = 'plugins: [./hidden.ts]'
    const { stderr, code } = await run(['check', '-c', await file('hidden.yaml', yaml)])
    expect(code).toBe(78)
    expect(stderr).toContain(
      'these names belong to every plugin and cannot be options of its own: time',
    )
  })

  test('tells that a file is not there', async () => {
    const { stderr, code } = await run(['check', '-c', 'none.yaml'])
    expect(code).toBe(78)
    expect(stderr).toContain('none.yaml does not exist')
  })
})

test('schema prints a JSON Schema that knows the built-in plugins', async () => {
  const { stdout, code } = await run(['schema'])
  expect(code).toBe(0)
  const schema = JSON.parse(stdout)
  expect(Object.keys(schema.properties)).toEqual(
    expect.arrayContaining(['server', 'providers', 'routes', 'plugins']),
  )
  for (const word of ['max_body', 'retry_budget', 'expires', 'flatten_content', 'openrouter'])
    expect(stdout).toContain(word)
})

describe('start', () => {
  test('refuses a broken config with its place, and listens nowhere', async () => {
    const broken = await file('start.yaml', 'server:\n  port: many\n')
    const { stdout, stderr, code } = await run(['start', '-c', broken])
    expect(code).toBe(78)
    expect(stderr).toStartWith('start.yaml:2:9 server.port: expected a port from 0 to 65535')
    expect(stdout).not.toContain('http://')
  })

  test.each([
    ['a host on the command line', 'plugins: []', ['--host', '0.0.0.0']],
    ['a host in the YAML', 'server: { host: "0.0.0.0" }', []],
    ['an address of this network', 'server: { host: 192.168.1.5 }', []],
    ['every IPv6 address', 'server: { host: "::" }', []],
    ['auth without a key', 'server: { host: "0.0.0.0" }\nplugins: [auth, fallback]', []],
  ])('refuses to serve others without a key: %s', async (what, yaml, flags) => {
    const name = await file(`open-${Bun.hash(what)}.yaml`, yaml)
    const { stderr, code } = await run(['start', '-c', name, '--port', '0', ...flags])
    expect(code).toBe(78)
    expect(stderr).toContain('without a key')
    expect(stderr).toContain('auth')
  })

  test('tells that its port is taken', async () => {
    // the way of a server for production, such as another daemon’s
    const shared = { development: false, reusePort: true }
    using taken = Bun.serve({
      ...shared,
      port: 0,
      hostname: '127.0.0.1',
      fetch: () => new Response(),
    })
    const { stderr, code } = await run(['start', '--port', String(taken.port)])
    expect(code).toBe(69)
    expect(stderr).toContain('--port')
  })

  test('names the plugin that cannot be set up', async () => {
    // what setup throws is printed bare: "sluice: no database", exit 1, no plugin, no line
    await file(
      'boom.ts',
      `
import { definePlugin, v } from 'sluice/plugin'
export default definePlugin({
  name: 'boom',
  options: v.strictObject({}),
  setup() { throw new Error('no database') },
})`,
    )
    const name = await file('boom.yaml', 'plugins:\n  - fallback\n  - ./boom.ts\n')
    const { stderr, code } = await run(['start', '-c', name, '--port', '0'])
    expect(code).not.toBe(0)
    expect(stderr).toContain('no database')
    expect(stderr).toContain('boom')
  })
})
