import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { createFinder, kinds } from '../../../plugins/privacy/find.ts'

const folder = join(import.meta.dir, '../../../plugins/privacy/find')
const finder = await createFinder(
  {
    regions: ['DE', 'US'],
    words: { team: ['aaaaaaaaab', 'a b', '----x'] },
    patterns: { slow: '(a+)+b' },
    recognises: [],
  },
  [...kinds, 'team'],
)

const megabyte = (piece: string): string => piece.repeat(Math.ceil(1_000_000 / piece.length))

const hostile = [
  'a',
  'A',
  '@',
  'a@',
  '@a.',
  'a@a.',
  '%40',
  'a%40',
  '0',
  '1',
  '12 ',
  '1-',
  '1.',
  '1.2.3.',
  '+1',
  '+49',
  '+1 ',
  '00 ',
  '(1)',
  '(0',
  '4111 ',
  '4111-',
  '-',
  '-----BEGIN ',
  '-----BEGIN PRIVATE KEY-----',
  '-----BEGIN PRIVATE KEY-----\n-----',
  'eyJ',
  'eyJa',
  'eyJhbGciOiJ.',
  '.eyJ',
  'sk-',
  'sk-a',
  'ghp_',
  'AKIA',
  'xoxb-1-',
  '://',
  '://a:',
  '://a:b@',
  'https://',
  'token=',
  'password: ',
  'secret',
  'api_key="',
  'authorization bearer ',
  'token = a.',
  '"',
  '\\"',
  '\\\\',
  '\\n',
  '\\u00',
  '%',
  ':',
  '::',
  '2001:',
  'a:b:',
  'fd00::',
  'DE',
  'DE89',
  'DE89 ',
  'AB 12 ',
  'data:',
  'data:a/b;',
  'data:,',
  'aaaaaaaaa ',
  'a ',
  '----',
  'é',
  '田',
  '\u00a0',
  '{"a":',
  '[[',
  '...',
  Buffer.from(Array.from({ length: 3000 }, (_, at) => (at * 7919) % 251)).toString('base64'),
]

for (const piece of hostile)
  test(`a megabyte of ${JSON.stringify(piece.slice(0, 30))} is looked through`, () => {
    const text = `${megabyte(piece)} . a@b.com`
    const finds = finder.find(text)
    expect(finds.at(-1)).toEqual({ kind: 'email', start: text.length - 7, end: text.length })
    expect(
      finds.every(({ start, end }, at) => start < end && start >= (finds[at - 1]?.end ?? 0)),
    ).toBe(true)
  })

/** The regular expressions in the code, as they are written. */
const literals = async (): Promise<string[]> => {
  const found: string[] = []
  for await (const file of new Bun.Glob('*.ts').scan(folder)) {
    const code = (await Bun.file(join(folder, file)).text()).replace(
      /\/\*[^]*?\*\/|^\s*\/\/.*$/gm,
      '',
    )
    for (const [, literal = ''] of code.matchAll(
      /(?<=[(,=:?|&![]\s*|return |^\s*)\/((?![/*])(?:\[(?:\\.|[^\]\\\n])*\]|\\.|[^/[\\\n])+)\/[dgimsuy]*/gm,
    ))
      found.push(literal)
  }
  return found
}

/** A repetition without a bound inside of one without. */
const isNested = (source: string): boolean => {
  const open: { repeats: boolean }[] = [{ repeats: false }]
  const plain = source.replace(/\[(?:\\.|[^\]\\])*\]/g, 'c').replace(/\\./g, 'e')
  for (let at = 0; at < plain.length; at++) {
    const rest = plain.slice(at)
    const unbounded = /^(?:[*+]|\{\d+,\})/.test(rest)
    if (rest.startsWith('(')) open.push({ repeats: false })
    else if (rest.startsWith(')')) {
      const inner = open.pop()!
      if (inner.repeats && /^\)(?:[*+]|\{\d+,\}|\{\d+,\d{2,}\})/.test(rest)) return true
      open.at(-1)!.repeats ||= inner.repeats
    } else if (unbounded) open.at(-1)!.repeats = true
  }
  return false
}

test('the check of regular expressions knows bad ones', () => {
  for (const bad of ['(a+)+', '(?:a*b)*', '([ab]+c){2,}', '(?:x(?:a+))+'])
    expect(isNested(bad)).toBe(true)
  for (const good of ['a+b+', '(?:ab)+', '[a+]+(?:b)', '(?:a{1,3})+', '\\(a+\\)+'])
    expect(isNested(good)).toBe(false)
})

test('no regular expression repeats what repeats', async () => {
  const all = await literals()
  expect(all.length).toBeGreaterThan(100)
  expect(all.filter(isNested)).toEqual([])
})
