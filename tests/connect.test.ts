import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parse as parseYaml } from 'yaml'
import { jsoncTree } from '../src/commands/connect/jsonc-tree.ts'

// each test starts several processes, next to the other workers of a small machine
setDefaultTimeout(60_000)

const main = resolve(import.meta.dir, '../src/main.ts')

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'sluice-connect-'))
})
afterEach(() => rm(home, { recursive: true }))

/** The command as a process of its own; there is nothing but this home. */
const sluice = async (args: readonly string[], env: Record<string, string> = {}) => {
  const child = Bun.spawn([process.execPath, main, 'connect', ...args], {
    cwd: home,
    env: { PATH: '', HOME: home, BUN_RUNTIME_TRANSPILER_CACHE_PATH: '0', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  return { code, out, err }
}

const read = (file: string) => readFile(join(home, file), 'utf8')
const put = async (file: string, text: string | Uint8Array, mode = 0o644) => {
  await mkdir(dirname(join(home, file)), { recursive: true })
  await writeFile(join(home, file), text, { mode })
}
/** All files of this home with what they hold, without our own records. */
const everything = async () => {
  const names = await readdir(home, { recursive: true, withFileTypes: true })
  const files = names.filter((it) => it.isFile()).map((it) => join(it.parentPath, it.name))
  const own = files.filter((file) => !file.includes('/sluice/connect/')).toSorted()
  return Promise.all(own.map(async (file) => [file, (await readFile(file)).toString('hex')]))
}

interface Case {
  readonly agent: string
  /** The file that it writes, or the first of them. */
  readonly file: string
  /** Somebody's own settings, with comments where the format has them. */
  readonly foreign: string
  readonly parse: (text: string) => any
  /** What must be found in the parsed file. */
  readonly ours: any
  /** A later edit by hand of the same file, and what it leaves when ours is gone. */
  readonly edit: (text: string) => string
  readonly left: any
  readonly broken: string
  readonly brokenAt: number
}

const env = (text: string) =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => /^\w+=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
const jsonc = (text: string) => jsoncTree(text).value as any

const cases: readonly Case[] = [
  {
    agent: 'claude-code',
    file: '.claude/settings.json',
    foreign:
      '{\n    "theme": "dark",\n    "env": {\n        "FOO": "1",\n        "ANTHROPIC_MODEL": "opus"\n    },\n    "permissions": { "allow": ["Bash(ls:*)"] }\n}\n',
    parse: JSON.parse,
    ours: {
      env: {
        ANTHROPIC_BASE_URL: 'http://127.0.0.1:4747',
        ANTHROPIC_AUTH_TOKEN: 'anything',
        ANTHROPIC_MODEL: 'groq/llama',
        ANTHROPIC_DEFAULT_HAIKU_MODEL: 'groq/llama',
        CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1',
      },
    },
    edit: (text) => text.replace('"dark"', '"light"'),
    left: {
      theme: 'light',
      env: { FOO: '1', ANTHROPIC_MODEL: 'opus' },
      permissions: { allow: ['Bash(ls:*)'] },
    },
    broken: '{\n  "env": {\n    "A": oops\n  }\n}\n',
    brokenAt: 3,
  },
  {
    agent: 'codex',
    file: '.codex/config.toml',
    foreign:
      '# mine\nmodel = "gpt-5.6" # best\n\n[mcp_servers.docs] # a server\nargs = [\n  "-y", # yes\n  "[x]",\n]\nnote = """\n[model_providers.sluice]\n"""\n\n[[things]]\nmodel_provider = "other"\n',
    parse: Bun.TOML.parse,
    ours: {
      model: 'groq/llama',
      model_provider: 'sluice',
      model_providers: {
        sluice: { name: 'Sluice', base_url: 'http://127.0.0.1:4747/v1', wire_api: 'responses' },
      },
    },
    edit: (text) => text.replace('"-y"', '"-n"'),
    left: {
      model: 'gpt-5.6',
      mcp_servers: { docs: { args: ['-n', '[x]'], note: '[model_providers.sluice]\n' } },
      things: [{ model_provider: 'other' }],
    },
    broken: 'a = 1\n[t]\nb = = 2\n[u]\nc = 3\n',
    brokenAt: 3,
  },
  {
    agent: 'opencode',
    file: '.config/opencode/opencode.jsonc',
    foreign:
      '{\n  // my theme\n  "theme": "x", /* why */\n  "provider": {\n    "other": { "npm": "y" }, // kept\n  },\n}\n',
    parse: jsonc,
    ours: {
      model: 'sluice/groq/llama',
      provider: {
        other: { npm: 'y' },
        sluice: {
          npm: '@ai-sdk/openai-compatible',
          options: { baseURL: 'http://127.0.0.1:4747/v1', apiKey: 'anything' },
          models: { 'groq/llama': {} },
        },
      },
    },
    edit: (text) => text.replace('"x"', '"z"'),
    left: { theme: 'z', provider: { other: { npm: 'y' } } },
    broken: '{\n  "a": 1\n  "b": 2\n}\n',
    brokenAt: 3,
  },
  {
    agent: 'gemini-cli',
    file: '.gemini/.env',
    foreign: '# mine\nexport OTHER="a # b"\nGEMINI_API_KEY=AIzaSomebodysOwnKey # old\n',
    parse: env,
    ours: { GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:4747', GEMINI_MODEL: 'groq/llama' },
    edit: (text) => `${text}LATER=1\n`,
    left: { GEMINI_API_KEY: 'AIzaSomebodysOwnKey # old', LATER: '1' },
    broken: '',
    brokenAt: 0,
  },
  {
    agent: 'qwen-code',
    file: '.qwen/.env',
    foreign: 'A=1',
    parse: env,
    ours: {
      A: '1',
      OPENAI_BASE_URL: 'http://127.0.0.1:4747/v1',
      OPENAI_API_KEY: 'anything',
      OPENAI_MODEL: 'groq/llama',
    },
    edit: (text) => text.replace('A=1', 'A=2'),
    left: { A: '2' },
    broken: '',
    brokenAt: 0,
  },
  {
    agent: 'aider',
    file: '.aider.conf.yml',
    foreign: '# mine\nauto-commits: false # never\n\nread: [a.md, b.md]\nmodel: sonnet # good\n',
    parse: parseYaml,
    ours: {
      'openai-api-base': 'http://127.0.0.1:4747/v1',
      'openai-api-key': 'anything',
      model: 'openai/groq/llama',
      read: ['a.md', 'b.md'],
    },
    edit: (text) => text.replace('b.md', 'c.md'),
    left: { 'auto-commits': false, read: ['a.md', 'c.md'], model: 'sonnet' },
    broken: 'a: 1\nb: [1, 2\nc: 3\n',
    brokenAt: 3,
  },
  {
    agent: 'continue',
    file: '.continue/config.yaml',
    foreign:
      'name: Mine\nversion: 0.0.1\nschema: v1\n# the models\nmodels:\n  # first\n  - name: Local\n    provider: ollama\n    model: qwen3:8b\n',
    parse: parseYaml,
    ours: {
      name: 'Mine',
      models: [
        { name: 'Local', provider: 'ollama', model: 'qwen3:8b' },
        {
          name: 'Sluice',
          provider: 'openai',
          model: 'groq/llama',
          apiBase: 'http://127.0.0.1:4747/v1',
        },
      ],
    },
    edit: (text) => text.replace('qwen3:8b', 'qwen3:4b'),
    left: {
      name: 'Mine',
      version: '0.0.1',
      schema: 'v1',
      models: [{ name: 'Local', provider: 'ollama', model: 'qwen3:4b' }],
    },
    broken: 'name: x\nmodels:\n\t- a\n',
    brokenAt: 3,
  },
]

const to = ['--model', 'groq/llama']

for (const { agent, file, foreign, parse, ours, edit, left, broken, brokenAt } of cases) {
  describe(agent, () => {
    test('is shown the change and told that nothing was written', async () => {
      for (const args of [[], ['--print']]) {
        const { code, out } = await sluice([agent, ...to, ...args])
        expect(code).toBe(0)
        expect(out).toContain(`+++ ${join(home, file.replace('.jsonc', '.json'))}\n@@ -0,0 +1,`)
        expect(out).toContain('Nothing was written; --write does it.')
      }
      expect(await everything()).toEqual([])
    })

    test('gets a new file that its owner alone can read, and it goes again', async () => {
      expect((await sluice([agent, ...to, '--write'])).code).toBe(0)
      const fresh = file.replace('.jsonc', '.json')
      expect(parse(await read(fresh))).toMatchObject(inNewFile(ours))
      expect((await stat(join(home, fresh))).mode & 0o777).toBe(0o600)
      const { out } = await sluice([agent, '--undo', '--write'])
      expect(out).toContain('is as it was before')
      expect(await everything()).toEqual([])
    })

    test('keeps what somebody else wrote, comments included', async () => {
      await put(file, foreign, 0o640)
      const { out } = await sluice([agent, ...to, '--write'])
      const text = await read(file)
      expect(parse(text)).toMatchObject(ours)
      expect((await stat(join(home, file))).mode & 0o777).toBe(0o640)
      // every old line is still there, but for those whose value is ours now
      const ourKeys = /^\s*["']?(model|ANTHROPIC_MODEL|GEMINI_API_KEY)\b/
      const kept = foreign.split('\n').filter((line) => !ourKeys.test(line))
      for (const line of kept) expect(text).toContain(line.replace(/,$/, ''))
      for (const comment of foreign.match(/(#|\/\/|\/\*) [\w ]+/g) ?? [])
        expect(text).toContain(comment)
      expect(out).not.toContain('AIzaSomebodysOwnKey')
    })

    test('is connected once: a second time changes nothing', async () => {
      await put(file, foreign)
      await sluice([agent, ...to, '--write'])
      const before = await everything()
      const { code, out } = await sluice([agent, ...to, '--write'])
      expect(code).toBe(0)
      expect(out).toContain('is connected to http://127.0.0.1:4747.\n')
      expect(await everything()).toEqual(before)
    })

    test('gets its very bytes back, also after being connected twice', async () => {
      for (const text of [foreign, foreign.replaceAll('\n', '\r\n'), `\uFEFF${foreign}`]) {
        await put(file, text)
        const before = await everything()
        await sluice([agent, ...to, '--write'])
        await sluice([agent, '--model', 'another', '--url', 'http://box:1/v1/', '--write'])
        expect(await read(file)).toContain('http://box:1')
        expect(await read(file)).not.toContain('groq/llama')
        const shown = await sluice([agent, '--undo'])
        expect(shown.out).toContain('Nothing was written')
        const { code } = await sluice([agent, '--undo', '--write'])
        expect(code).toBe(0)
        expect(await everything()).toEqual(before)
        expect((await sluice([agent, '--undo', '--write'])).out).toContain('nothing to take back')
      }
    })

    test('keeps a later edit when it is disconnected, and is told so', async () => {
      await put(file, foreign)
      await sluice([agent, ...to, '--write'])
      await put(file, edit(await read(file)))
      const { code, out } = await sluice([agent, '--undo', '--write'])
      expect(code).toBe(0)
      expect(out).toContain(`${join(home, file)} was edited since`)
      expect(parse(await read(file))).toEqual(left)
    })

    test('keeps a value of ours that somebody changed', async () => {
      await put(file, foreign)
      await sluice([agent, ...to, '--write'])
      await put(file, (await read(file)).replace('http://127.0.0.1:4747', 'http://10.0.0.1:1'))
      const { out } = await sluice([agent, '--undo', '--write'])
      expect(out).toContain('is another value now and stays')
      expect(await read(file)).toContain('http://10.0.0.1:1')
    })

    test('is left alone when its file is not UTF-8', async () => {
      await put(file, new Uint8Array([0x61, 0xff, 0xfe]))
      const { code, err } = await sluice([agent, ...to, '--write'])
      expect(code).toBe(1)
      expect(err).toContain(`${join(home, file)}: not UTF-8; nothing was changed.`)
    })

    test('never sees a key of the environment printed', async () => {
      await put(file, foreign)
      const secret = { SLUICE_API_KEY: 'sk-sluice-hush' }
      for (const args of [to, [...to, '--write'], [...to, '--url', 'http://b'], ['--undo']]) {
        const { code, out, err } = await sluice([agent, ...args], secret)
        expect(code).toBe(0)
        expect(out + err).not.toContain('hush')
      }
    })

    // any text is a .env
    if (broken === '') return
    test('is left alone when its file is broken, by file and line', async () => {
      await put(file, broken)
      const { code, err } = await sluice([agent, ...to, '--write'])
      expect(code).toBe(1)
      expect(err).toStartWith(`${join(home, file)}:${brokenAt}: `)
      expect(await read(file)).toBe(broken)
      expect(await everything()).toHaveLength(1)
    })
  })
}

/** A new file has nobody's own values. */
function inNewFile(all: any): any {
  const ours = Object.fromEntries(
    Object.entries<any>(all).filter(([key]) => key !== 'A' && key !== 'read'),
  )
  if (ours.models) return { ...ours, name: 'Local', models: [ours.models[1]] }
  if (ours.provider) return { ...ours, provider: { sluice: ours.provider.sluice } }
  return ours
}

describe('keys', () => {
  const key = ['--key', 'sk-sluice-k', '--write']

  test('are written where an agent’s file can name no variable', async () => {
    for (const { agent } of cases) await sluice([agent, ...to, ...key])
    const holding = [
      '.claude/settings.json',
      '.gemini/.env',
      '.qwen/.env',
      '.aider.conf.yml',
      '.continue/.env',
    ]
    for (const file of holding) expect(await read(file)).toContain('sk-sluice-k')
    const naming = ['.codex/config.toml', '.config/opencode/opencode.json', '.continue/config.yaml']
    for (const file of naming) {
      expect(await read(file)).not.toContain('sk-sluice-k')
      expect(await read(file)).toContain('SLUICE_API_KEY')
    }
  })

  test('are asked for as a variable only where the shell lacks it', async () => {
    expect((await sluice(['codex', ...key])).out).toContain('export SLUICE_API_KEY=sk-sluice-k')
    const { out } = await sluice(['codex', '--write'], { SLUICE_API_KEY: 'k' })
    expect(out).not.toContain('export')
  })

  test('and a model that would break the file are refused', async () => {
    for (const bad of ['a\nb', 'a b', '', '\u001b[2J']) {
      expect((await sluice(['claude-code', '--key', bad, '--write'])).code).toBe(64)
      expect((await sluice(['claude-code', '--model', bad, '--write'])).code).toBe(64)
    }
    expect(await everything()).toEqual([])
  })
})

describe('the command', () => {
  test('lists the agents, those found here first', async () => {
    await mkdir(join(home, '.qwen'))
    await put('bin/codex', '#!/bin/sh\n', 0o755)
    const { code, out } = await sluice([], { PATH: join(home, 'bin') })
    expect(code).toBe(0)
    expect(out).toMatch(
      /^Found here:\n {2}codex .*\n {2}qwen-code .*\n\nNot found here:\n {2}claude-code/,
    )
  })

  test('prints the steps for an agent whose settings only an editor can write', async () => {
    const { code, out } = await sluice(['cline', '--model', 'groq/llama', '--write'])
    expect(code).toBe(0)
    expect(out).toContain('Base URL      http://127.0.0.1:4747/v1\n')
    expect(await everything()).toEqual([])
  })

  test('finds each agent where its own variables say', async () => {
    const places: readonly (readonly [string, string, string])[] = [
      ['claude-code', 'CLAUDE_CONFIG_DIR', 'x/settings.json'],
      ['codex', 'CODEX_HOME', 'x/config.toml'],
      ['opencode', 'XDG_CONFIG_HOME', 'x/opencode/opencode.json'],
      ['gemini-cli', 'GEMINI_CLI_HOME', 'x/.gemini/.env'],
      ['qwen-code', 'QWEN_HOME', 'x/.env'],
      ['continue', 'CONTINUE_GLOBAL_DIR', 'x/config.yaml'],
    ]
    for (const [agent, name, file] of places) {
      const { out } = await sluice([agent, ...to], { [name]: join(home, 'x') })
      expect(out).toContain(`+++ ${join(home, file)}\n`)
    }
    const { out } = await sluice(['aider', ...to, '--config-dir', 'y'])
    expect(out).toContain('y/.aider.conf.yml\n')
  })

  test('keeps its records with the data, readable by the owner alone', async () => {
    await sluice(['codex', '--write'], { XDG_DATA_HOME: join(home, 'data') })
    const [record = ''] = await readdir(join(home, 'data/sluice/connect'))
    expect(record).toMatch(/^codex\.\w+\.json$/)
    expect((await stat(join(home, 'data/sluice/connect', record))).mode & 0o777).toBe(0o600)
    await sluice(['codex', '--undo', '--write'], { XDG_DATA_HOME: join(home, 'data') })
    expect(await readdir(join(home, 'data/sluice/connect'))).toEqual([])
  })

  test('follows a link and leaves it a link', async () => {
    await put('dots/settings.json', '{}\n')
    await mkdir(join(home, '.claude'))
    await symlink('../dots/settings.json', join(home, '.claude/settings.json'))
    await sluice(['claude-code', '--write'])
    expect((await lstat(join(home, '.claude/settings.json'))).isSymbolicLink()).toBe(true)
    expect(await read('dots/settings.json')).toContain('ANTHROPIC_BASE_URL')
    await sluice(['claude-code', '--undo', '--write'])
    expect(await read('dots/settings.json')).toBe('{}\n')
  })

  test('leaves nothing behind where it cannot write', async () => {
    await put('.codex/config.toml', 'a = 1\n')
    await chmod(join(home, '.codex'), 0o500)
    const { code } = await sluice(['codex', '--write'])
    await chmod(join(home, '.codex'), 0o700)
    // root may write anywhere
    if (process.getuid?.() !== 0) expect(code).toBe(1)
    expect(await readdir(join(home, '.codex'))).toEqual(['config.toml'])
  })

  test('has words of its own for what it does not understand', async () => {
    const wrong: readonly (readonly [readonly string[], string])[] = [
      [['claude-cod'], 'unknown agent claude-cod; did you mean claude-code?'],
      [['codex', '--writ'], 'unknown option --writ; did you mean --write?'],
      [['codex', 'aider'], 'one AGENT at a time'],
      [['codex', '--write', '--print'], 'exclude each other'],
      [['codex', '--url', 'localhost:4747'], '--url needs an http:// or https:// address'],
      [['aider'], 'aider needs --model; http://127.0.0.1:4747/v1/models has their names'],
    ]
    for (const [args, message] of wrong) {
      const { code, err } = await sluice(args)
      expect(code).toBe(64)
      expect(err).toContain(message)
    }
  })

  test('asks at a terminal, and does nothing when the answer is no', async () => {
    const answer = async (keys: string) => {
      let screen = ''
      const decoder = new TextDecoder()
      const child = Bun.spawn([process.execPath, main, 'connect', 'aider'], {
        cwd: home,
        env: { PATH: '', HOME: home, TERM: 'xterm' },
        terminal: {
          cols: 120,
          rows: 40,
          data: (_, bytes) => {
            screen += decoder.decode(bytes, { stream: true })
          },
        },
      })
      for (const [question, typed] of [
        ['Which model', 'groq/llama\r'],
        ['Connect aider?', keys],
      ] as const) {
        while (!screen.includes(question) && child.exitCode === null) await Bun.sleep(5)
        child.terminal?.write(typed)
      }
      return child.exited
    }
    expect(await answer('n')).toBe(130)
    expect(await readdir(home)).not.toContain('.aider.conf.yml')
    expect(await answer('y')).toBe(0)
    expect(await read('.aider.conf.yml')).toContain('model: openai/groq/llama')
  })
})

test('the README has the lines that the command writes', async () => {
  const readme = await readFile(resolve(import.meta.dir, '../README.md'), 'utf8')
  const ours: Record<string, any> = {}
  for (const { agent, file, parse } of cases) {
    await sluice([agent, '--model', 'fast/chat', '--write'])
    const { $schema: _, ...written } = parse(await read(file.replace('.jsonc', '.json')))
    const [, block = ''] =
      new RegExp(`\\(\`${agent}\`\\)[^]*?\`\`\`\\w+\n([^]*?)\`\`\``).exec(readme) ?? []
    ours[agent] = [parse(block), written]
  }
  const { codex, continue: continued, ...rest } = ours
  for (const [shown, written] of Object.values(rest)) expect(shown).toEqual(written)
  const { env_key: __, ...provider } = codex[0].model_providers.sluice
  expect({ ...codex[0], model_providers: { sluice: provider } }).toEqual(codex[1])
  expect(continued[0].models).toEqual(continued[1].models)
})
