import { describe, expect, test } from 'bun:test'
import { parse as parseYaml } from 'yaml'
import { diffLines } from '../src/commands/connect/diff.ts'
import { apply, retract, type Setting } from '../src/commands/connect/edit.ts'
import { Broken } from '../src/commands/connect/format.ts'
import { formats, type FormatName } from '../src/commands/connect/formats.ts'
import { masked } from '../src/commands/connect/masked.ts'

const json = [
  '',
  '{}',
  '{ }\n',
  '{"a":1}',
  '{ "a": 1, "env": {"X": "y"} }\n',
  '{\n\t"env": {\n\t\t"X": "y"\n\t}\n}',
  '{\n  "env": {},\n  "z": [1, {"env": 2}]\n}\n',
  '// top\n{\n  // one\n  "a": "}", // two: {\n  "env": { /* three */ },\n  /* four */\n}\n// end\n',
  '{\n  "env": {\n    "X": "\\"//\\u007d" // last\n  } // after\n  , "b": 2\n}\n',
  '{\n  "env": {\n    "X": "y",\n  },\n}\n',
  '{"env":{"BASE":"old","X":"y"},"deep":{"er":{"old":true}}}',
  '{\n  "a": 1 // no newline before the end\n  }',
]
const toml = [
  '',
  '# only a comment',
  'a = 1',
  '\n\n[t]\nx = 1\n\n\n[u]\n',
  'env = "a string of another kind"\n'.replace('env', 'envy'),
  '# top\n\n# of t\n[t]\nx = [\n  1, # one\n  "]",\n]\n[[l]]\nBASE = "no"\n[l.sub]\ny = 1979-05-27 07:32:00\n',
  "s = '''\n[env]\nBASE = 1\n'''\nt = \"\"\"a\\\"\"\"\" # end\n[\"env\"]\n'X' = 'y'",
  '[env] # mine\nBASE = "old" # why\nX = "y"\n[deep.er]\nold = true\n[env2]\n',
  'inline = { a = 1, b = { c = [1, 2] } }\nd."e.f".g = -1.5e3\n',
]
const yaml = [
  '',
  '# only a comment\n',
  '---\na: 1\n',
  'a: 1 # one\n\n# two\nenv:\n    X: y\n',
  'env: { BASE: old, X: y }\ndeep:\n  er:\n    old: true\n',
  'list:\n- a\n- b\nenv:\n  X: |\n    BASE: no\n    more\n',
  'a: "x: y"\nb: >-\n  long\n  text\nc: [1, 2]',
]
const dotenv = [
  '',
  'A=1',
  '# BASE=no\nexport BASE="old # value" # why\nX=\'y\n z\'\n\nB=`c`\n',
  'BASE=one\nBASE=two\n\nX = y ',
]

const nested: readonly Setting[] = [
  { path: ['env', 'BASE'], value: 'http://127.0.0.1:4747' },
  { path: ['env', 'X"\'#é'], value: 'v"\'\\ # é' },
  { path: ['deep', 'er', 'new'], value: 'z' },
  { path: ['top'], value: 'x' },
]
const flat: readonly Setting[] = [
  { path: ['BASE'], value: 'http://127.0.0.1:4747' },
  { path: ['NEW'], value: 'v" \\ # é' },
]

const corpus: readonly (readonly [FormatName, readonly string[], readonly Setting[]])[] = [
  ['jsonc', json, nested],
  ['toml', toml, nested],
  ['yaml', yaml, nested],
  ['dotenv', dotenv, flat],
]

const bare = (text: string) => text.replaceAll(',', '')

/** A key without a value may be left with an empty one. */
const filled = (value: unknown) =>
  JSON.parse(JSON.stringify(value ?? {}).replaceAll(':null', ':{}'))

for (const [name, texts, settings] of corpus) {
  const format = formats[name]
  describe(name, () => {
    test('says what was set, and forgets it again', () => {
      for (const text of texts) {
        const { text: next, changes } = apply(format, text, settings)
        for (const { path, value } of settings) {
          const found = path.reduce<any>((at, step) => at[String(step)], format.read(next))
          expect(found).toEqual(value)
        }
        expect(apply(format, next, settings)).toEqual({ text: next, changes: [] })
        const back = retract(format, next, changes)
        expect(back.kept).toEqual([])
        expect(format.read(back.text) ?? {}).toEqual(format.read(text) ?? {})
      }
    })

    test('keeps every line that holds none of its values', () => {
      for (const text of texts) {
        const next = apply(format, text, settings).text
        const old = text.split('\n').filter((line) => !/BASE|^\s*\{|\}$|\{\},?$|\{ \/\*/.test(line))
        for (const line of old) expect(bare(next)).toContain(bare(line).trimEnd())
      }
    })

    test('throws nothing but Broken, wherever a text is cut, and damages nothing', () => {
      for (const text of texts) {
        for (let end = 0; end <= text.length; end++) {
          try {
            const cut = text.slice(0, end)
            const { text: next, changes } = apply(format, cut, settings)
            const back = retract(format, next, changes).text
            expect(filled(format.read(back))).toEqual(filled(format.read(cut)))
          } catch (error) {
            if (!(error instanceof Broken)) throw error
            expect(error.line).toBeGreaterThan(0)
          }
        }
      }
    })
  })
}

describe('other parsers agree', () => {
  test('about JSON', () => {
    for (const text of json.filter((text) => text !== '')) {
      expect(formats.jsonc.read(text)).toEqual(Bun.JSONC.parse(text) as any)
      const next = apply(formats.jsonc, text, nested).text
      expect(formats.jsonc.read(next)).toEqual(Bun.JSONC.parse(next) as any)
      if (/\/[/*]|,\s*\}/.test(text)) continue
      expect(JSON.parse(next).env.BASE).toBe('http://127.0.0.1:4747')
    }
    for (const bad of [
      '{"a":01}',
      "{'a':1}",
      '{"a":1}}',
      '[1 2]',
      '{,}',
      '{"a"}',
      'nul',
      '"\\x"',
      '{"a":.5}',
    ])
      expect(() => formats.jsonc.read(bad)).toThrow(Broken)
  })

  test('about YAML', () => {
    for (const text of yaml)
      expect(parseYaml(apply(formats.yaml, text, nested).text).env.BASE).toBe(
        'http://127.0.0.1:4747',
      )
  })
})

describe('what cannot be changed without a risk is refused', () => {
  const refused: readonly (readonly [FormatName, string])[] = [
    ['jsonc', '[]'],
    ['jsonc', '{ "env": "a string" }'],
    ['toml', 'env = "a string"\n'],
    ['toml', 'env = { X = "y" }\n'],
    ['toml', 'env.X = "y"\n[t]\nx = 1\n'],
    ['yaml', '- a\n- b\n'],
    ['yaml', 'just text\n'],
    ['yaml', 'a: 1\n---\nb: 2\n'],
  ]
  test.each(refused)('%s: %j', (name, text) => {
    expect(() => apply(formats[name], text, nested)).toThrow(Broken)
  })
})

test('comments stay where they were when everything is taken back from JSON', () => {
  const text = json[7]!
  const { text: next, changes } = apply(formats.jsonc, text, nested)
  const comments = (text: string) => text.match(/\/\/ .*|\/\*.*?\*\//g)
  expect(comments(next)).toEqual(comments(text))
  expect(comments(retract(formats.jsonc, next, changes).text)).toEqual(comments(text))
})

test('a diff gives the new text when it is applied to the old', () => {
  const words = ['a', 'b', 'c', '']
  const texts = Array.from({ length: 60 }, (_, seed) =>
    Array.from({ length: (seed * 7) % 11 }, (_, at) => words[(seed * (at + 3) + at) % 4]).join(
      '\n',
    ),
  )
  for (const before of texts) {
    for (const after of texts) {
      const old = before === '' ? [] : before.replace(/\n$/, '').split('\n')
      const next = after === '' ? [] : after.replace(/\n$/, '').split('\n')
      const out: string[] = []
      let at = 0
      for (const line of diffLines(before, after)) {
        const [, start, length] = /^@@ -(\d+),(\d+)/.exec(line) ?? []
        if (start !== undefined) {
          const from = Number(start) - (length === '0' ? 0 : 1)
          out.push(...old.slice(at, from))
          at = from
        } else if (line.startsWith('+')) out.push(line.slice(1))
        else {
          expect(line.slice(1)).toBe(old[at]!)
          if (line.startsWith(' ')) out.push(line.slice(1))
          at += 1
        }
      }
      expect([...out, ...old.slice(at)]).toEqual(next)
    }
  }
})

describe('what is shown', () => {
  const plain = new Set(['anything', '{env:SLUICE_API_KEY}'])
  const hidden: readonly string[] = [
    '+    "ANTHROPIC_AUTH_TOKEN": "s3cr3t",',
    '-GEMINI_API_KEY=s3cr3t # old',
    ' experimental_bearer_token = "s3cr3t"',
    ' openai-api-key: s3cr3t',
    '   "headers": { "Authorization": "Bearer s3cr3t-and-more" }',
    '   "args": ["--header", "X: Bearer s3cr3tlong"]',
    "  password = 's3cr3t'",
    '  apiKey: sk-ant-s3cr3ts3cr3ts3cr3t',
    '  "x": "ghp_s3cr3ts3cr3ts3cr3t"',
    '  command --flag mine',
  ]
  test.each(hidden)('has no secret in it: %s', (line) => {
    expect(masked(line, plain, 'mine')).not.toMatch(/s3cr3t|mine/)
  })
  test('has everything else in it', () => {
    const lines = [
      '+    "ANTHROPIC_AUTH_TOKEN": "anything",',
      '+        "apiKey": "{env:SLUICE_API_KEY}"',
      '+    apiKey: ${{ secrets.SLUICE_API_KEY }}',
      ' max_tokens: 4096',
      '   "keybinds": {',
      '   "theme": "dark",',
    ]
    for (const line of lines) expect(masked(line, plain)).toBe(line)
  })
})
