import { describe, expect, test } from 'bun:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createFinder,
  finderOptions,
  kindsWith,
  type FinderOptions,
} from '../../../plugins/privacy/find.ts'
import { v } from '../../../src/plugin.ts'

const finderOf = (written: v.InferInput<v.StrictObjectSchema<typeof finderOptions, undefined>>) => {
  const options: FinderOptions = v.parse(v.strictObject(finderOptions), written)
  return createFinder(options, kindsWith(options))
}

const found = async (
  text: string,
  options: Parameters<typeof finderOf>[0] = {},
): Promise<string[]> => {
  const finder = await finderOf(options)
  return finder.find(text).map(({ kind, start, end }) => `${kind} ${text.slice(start, end)}`)
}

describe('e-mail', () => {
  test('is found after an escape, in a URL and before punctuation', async () => {
    const text =
      'a john.doe+x@example.com. {"a":"\\njane@foo.de\\n"} ?u=jo%40example.org&x (é.ü@mail.fr)'
    expect(await found(text)).toEqual([
      'email john.doe+x@example.com',
      'email jane@foo.de',
      'email jo%40example.org',
      'email é.ü@mail.fr',
    ])
  })

  test('is no package, remote, login, picture, decorator or handle', async () => {
    for (const text of [
      'pkg@1.2.3',
      '"@scope/name@^1.2.3":',
      'left-pad@npm:1.3.0',
      'yarn@patch:typescript@5.0.0',
      'github.com/gin-gonic/gin@v1.9.1',
      'git@github.com:owner/repo.git',
      'ssh://git@github.com/owner/repo',
      'git+ssh://git@gitlab.com/a/b',
      'https://user:passw0rdX@host.com/',
      'https://user%40corp.com:x@host.com/',
      'icon@2x.png',
      'deploy@host.example.com:/srv/app',
      'user@host',
      '@user@mastodon.social',
      'a @ b.com',
      'W@T.matrix_',
    ])
      expect((await found(text)).filter((hit) => hit.startsWith('email'))).toEqual([])
  })
})

/** Numbers that governments, banks and the makers of check digits publish as examples. */
const published: Readonly<Record<string, readonly string[]>> = {
  credit_card: [
    '4242 4242 4242 4242',
    '5555555555554444',
    '3782-822463-10005',
    '6011111111111117',
    '3530111333300000',
  ],
  iban: [
    'DE89 3704 0044 0532 0130 00',
    'GB29NWBK60161331926819',
    'FR14 2004 1010 0505 0001 3M02 606',
    'NL91ABNA0417164300',
    'NO93 8601 1117 947',
    'CH93-0076-2011-6238-5295-7',
    'MT84 MALT 0110 0001 2345 MTLC AST0 01S',
  ],
  ssn: ['219-09-9999', 'SSN 219099999', '912-70-1234'],
  national_id: [
    'Steuer-ID 86095742719',
    'NHS 943 476 5919',
    '2 55 08 14 168 025 38',
    '12345678Z',
    'X1234567L',
    'RSSMRA85T10A562S',
    'BSN 111222333',
    'PESEL 44051401359',
    '811228-9874',
    '529.982.247-25',
    'PAN AAAPL1234C',
    'SIN 046 454 286',
    'TFN 123 456 782',
    '85.07.30-033.28',
    '756.9217.0769.85',
    '131052-308T',
    '11010519491231002X',
    'TC 10000000146',
    'S1234567D',
    'HEGG560427MVZRRL04',
    '20-12345678-6',
    'NIF 123456789',
    'Sozialversicherungsnummer 1237 010180',
    'CPR 070761-4285',
    '736028/5163',
    '820701-2409184',
    'My Number 1234 5678 9018',
    'South African ID 8001015009087',
    'PPS 1234567T',
    'Fødselsnummer 13097248022',
    'AB123456C',
    'QQ 12 34 56 C'.replace('QQ', 'JG'),
  ],
  ip_address: [
    '172.16.254.1',
    '2001:4860:4860::8888',
    '2a02:2e0:3fe:1001:302::',
    'fd12:3456:789a:1::1',
  ].filter((ip) => !ip.endsWith('::')),
  phone: [
    '+49 30 901820',
    '+14155552671',
    '+1 (415) 555-2671',
    '+44 20 7946 0958',
    '+33 1 23 45 67 89',
    '+39 06 698 83145',
    '+86 138 0013 8000',
  ],
}

describe('numbers', () => {
  test('that are published as examples are found', async () => {
    for (const [kind, numbers] of Object.entries(published))
      for (const written of numbers) {
        const number = written.replace(
          /^(?:SSN|Steuer-ID|NHS|BSN|PESEL|PAN|SIN|TFN|TC|NIF|Sozialversicherungsnummer|CPR|My Number|South African ID|PPS|Fødselsnummer) /,
          '',
        )
        expect(await found(`${written}.`)).toEqual([`${kind} ${number}`])
      }
  })

  test('are found beside a day, a name in capitals and another number', async () => {
    expect(await found('CARD 4111 1111 1111 1111 2027')).toEqual([
      'credit_card 4111 1111 1111 1111',
    ])
    expect(await found('4111-1111-1111-1111 05/27 123')).toEqual([
      'credit_card 4111-1111-1111-1111',
    ])
    expect(await found('No. 12 DE89 3704 0044 0532 0130 00 20260101')).toEqual([
      'iban DE89 3704 0044 0532 0130 00',
    ])
    expect(await found('+49 30 901820 / +49 30 901821')).toEqual([
      'phone +49 30 901820',
      'phone +49 30 901821',
    ])
    expect(await found('378282246310005,4242424242424242')).toEqual([
      'credit_card 378282246310005',
      'credit_card 4242424242424242',
    ])
  })

  test('with a digit changed are no cards, IBANs or ids', async () => {
    for (const kind of ['credit_card', 'iban'] as const)
      for (const number of published[kind]!) {
        const at = number.search(/\d(?=\D*$)/)
        const wrong = number.slice(0, at) + ((Number(number[at]) + 1) % 10) + number.slice(at + 1)
        expect((await found(wrong)).filter((hit) => hit.startsWith(kind))).toEqual([])
      }
    for (const wrong of [
      '12345678A',
      'X1234567M',
      'RSSMRA85T10A562T',
      '811228-9875',
      '529.982.247-26',
      '131052-308U',
      '756.9217.0769.86',
    ])
      expect(await found(wrong)).toEqual([])
  })

  test('of machines, versions, documents and days are none of these', async () => {
    for (const text of [
      '127.0.0.1 0.0.0.0 192.0.2.7 255.255.255.0 ::1 2001:db8::1 fe80::1',
      'v1.22.33.44 "version": "10.20.30.40" Chrome/120.0.60.109 numpy==12.20.30.40',
      'section 24.15.1.1 and OID 1.3.101.110',
      '1732451234567 1732451234567890 2592000000000000 0.4111111111111111',
      '2026-11-24T12:00:00+01:00 2026-11-24 11.24.2026',
      '550e8400-e29b-41d4-a716-446655440000 a+14155552671 x[1]+14155552671',
      'M12.5 3.4 5-6-2.12 3.51.98.32 2.03.5 3.11',
      '5211 5212 5213 5214 5215 5216 5217 5218',
      'std::string ab::cd a::before 12:30:45 aa:bb:cc:dd:ee:ff',
      '123456789 12345678901 1234567890123456789',
      '111222333 and 86095742719 without a name',
    ])
      expect(await found(text)).toEqual([])
  })
})

describe('telephone numbers as at home', () => {
  const text = 'Ruf 030 901820 an, (089) 1234567, 0171 2345678 oder (415) 555-2671, 415-555-2671.'

  test('are found for the regions that are named', async () => {
    expect(await found(text)).toEqual([])
    expect(await found(text, { regions: ['DE'] })).toEqual([
      'phone 030 901820',
      'phone (089) 1234567',
      'phone 0171 2345678',
    ])
    expect(await found(text, { regions: ['US'] })).toEqual([
      'phone (415) 555-2671',
      'phone 415-555-2671',
    ])
    expect(await found('tel: 0612345678, 06 12 34 56 78', { regions: ['FR'] })).toEqual([
      'phone 0612345678',
      'phone 06 12 34 56 78',
    ])
  })

  test('are no days, versions, amounts or identifiers', async () => {
    const options = { regions: ['DE', 'US', 'GB', 'FR', 'ES', 'NL', 'IT'] }
    for (const other of [
      '2026-11-24',
      '24.11.2026',
      '0.10.2.3',
      '1 234 567',
      '12 345 678 901',
      'id 3015551234',
      '01/02/2026',
    ])
      expect(await found(other, options)).toEqual([])
  })

  test('of a region that is none are an error', () => {
    expect(() => finderOf({ regions: ['QQ'] })).toThrow('expected a region such as DE')
    expect(finderOf({ regions: ['AQ'] })).rejects.toThrow('knows no AQ')
  })
})

describe('secrets', () => {
  test('are found where a private key is cut off, and in what Markdown says', async () => {
    const line = 'MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEbHM+x/9vJq2Kc0w'
    const key = `-----BEGIN EC PRIVATE KEY-----\n${line}\n${line}`
    expect(await found(`${key}\n... (more)`)).toEqual([`secret ${key}`])
    expect(await found('**Password**: `Sommer2024!`')).toEqual(['secret Sommer2024!'])
  })

  test('that stand for one in a document are none', async () => {
    for (const text of [
      'sk-your-api-key-goes-here-please-ok',
      'sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      'AKIAIOSFODNN7EXAMPLE',
      'ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      'API_KEY=your-api-key-here',
      'password: string',
      'const token = getToken(request)',
      'apiKey: process.env.OPENAI_API_KEY',
      'token = node.children.first.Value1',
      'postgres://user:password@localhost/db',
      'postgres://$USER:$PASSWORD@localhost/db',
      "const begin = '-----BEGIN PRIVATE KEY-----'",
      '.sk-loading-spinner-container-of-the-page',
      'secretAccessKey?: string | undefined',
      'nextPageToken: "CAUQAA9f8Xk2LmQ7vB3nR5tY"',
      'tokenizer: "Xenova/distilbert-base-uncased-finetuned"',
    ])
      expect(await found(text)).toEqual([])
  })
})

describe('data', () => {
  const data = Buffer.from(Array.from({ length: 600 }, (_, at) => (at * 7919) % 251)).toString(
    'base64',
  )

  test('in base64 is left alone, and what stands beside it is not', async () => {
    const options = { words: { team: [data.slice(200, 206)] } }
    expect(await found(`${data} a@b.com`, options)).toEqual(['email a@b.com'])
    const words = { team: ['acme'] }
    expect(await found('data:image/svg+xml;utf8,hello+acme+and+a@b.com', { words })).toEqual([])
    expect(await found('data:text/plain;base64,hello+acme+and+a@b.com', { words })).toEqual([])
    expect(await found('data:text/plain;charset=utf-8,acme/a@b.com', { words })).toEqual([
      'team acme',
      'email a@b.com',
    ])
    expect(await found('/srv/projects/acme/src/app/Models/V2/'.repeat(8), { words })).toHaveLength(
      8,
    )
  })
})

describe('words and patterns of the user’s', () => {
  test('are found as whole words in any case, the longest first', async () => {
    const words = { project: ['Apollo', 'Apollo 13', 'Projekt Ä'], client: ['田中', 'O2'] }
    const text =
      'APOLLO apollo\n13 Apollon {"a":"\\napollo"} projekt ä, 私は田中です o2 co2 my_apollo_id'
    expect(await found(text, { words })).toEqual([
      'project APOLLO',
      'project apollo\n13',
      'project apollo',
      'project projekt ä',
      'client 田中',
      'client o2',
      'project apollo',
    ])
  })

  test('are RE2, whose kind is their name', async () => {
    const patterns = { employee: 'EMP-\\d{6}', ticket: '(?i)tick-[a-z]+', nothing: 'x*' }
    expect(await found('EMP-123456 TICK-abc 😀EMP-654321', { patterns })).toEqual([
      'employee EMP-123456',
      'ticket TICK-abc',
      'employee EMP-654321',
    ])
    expect(() => finderOf({ patterns: { bad: '(?=x)' } })).toThrow('expected a pattern of RE2')
    expect(() => finderOf({ patterns: { bad: '(a)\\1' } })).toThrow('expected a pattern of RE2')
    expect(await found(`${'a'.repeat(20_000)}!`, { patterns: { slow: '(a+)+b' } })).toEqual([])
  })
})

describe('finds that overlap', () => {
  test('are one, of the kind that comes first', async () => {
    const options = v.parse(v.strictObject(finderOptions), { words: { team: ['acme'] } })
    const order = async (order: string[]) =>
      (await createFinder(options, order)).find('to john@acme.com')
    expect(await order(['email', 'team'])).toEqual([{ kind: 'email', start: 3, end: 16 }])
    expect(await order(['team', 'email'])).toEqual([{ kind: 'team', start: 3, end: 16 }])
    expect(await order(['team'])).toEqual([{ kind: 'team', start: 8, end: 12 }])
  })
})

describe('a recogniser of the user’s', () => {
  const folder = mkdtempSync(join(tmpdir(), 'recogniser-'))
  const withModule = async (name: string, code: string) => {
    const recogniser = join(folder, name)
    await Bun.write(recogniser, code)
    return finderOf({ recogniser })
  }
  const { signal } = new AbortController()

  test('finds names and addresses in all texts at once', async () => {
    const { recognise } = await withModule(
      'names.ts',
      `export default async (texts) => texts.map((text) => {
        const start = text.indexOf('Ada')
        return start < 0 ? [] : [{ kind: 'person', start, end: start + 3 }, { kind: 'planet', start: 0, end: 1 }]
      })`,
    )
    expect(await recognise?.(['I am Ada', 'nobody'], signal)).toEqual([
      [{ kind: 'person', start: 5, end: 8 }],
      [],
    ])
  })

  test('is held to its word', async () => {
    const wrong = {
      'few.ts': 'export default async () => []',
      'outside.ts': "export default async () => [[{ kind: 'person', start: 0, end: 99 }]]",
      'odd.ts': "export default async () => 'nothing'",
      'throws.ts': "export default async () => { throw new Error('down') }",
    }
    for (const [name, code] of Object.entries(wrong)) {
      const { recognise } = await withModule(name, code)
      expect(recognise?.(['Ada'], signal)).rejects.toThrow()
    }
    expect(withModule('empty.ts', 'export const x = 1')).rejects.toThrow(
      'no function as its default export',
    )
    expect(finderOf({ recogniser: join(folder, 'missing.ts') })).rejects.toThrow('cannot be loaded')
  })

  test('adds its kinds to those that there are', () => {
    const options = v.parse(v.strictObject(finderOptions), {
      recogniser: './names.ts',
      words: { team: ['ab'] },
    })
    expect(kindsWith(options)).toEqual(
      expect.arrayContaining(['email', 'team', 'person', 'address']),
    )
  })
})
