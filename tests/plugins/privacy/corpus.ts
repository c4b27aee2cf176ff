import type { Random } from '../../support/random.ts'
import { createRandom } from '../../support/random.ts'

/** Something private, with what people call it; `bare` when it is known without being called so. */
interface Secret {
  readonly kind: string
  /** What sort of its kind: a country, a vendor, a way to write it. */
  readonly sort: string
  readonly value: string
  readonly called: string
  readonly key: string
  readonly bare: boolean
}

export interface Sample extends Secret {
  readonly text: string
  readonly start: number
  readonly end: number
}

type Make = (random: Random) => string

const times = (random: Random, count: number, from: string): string =>
  Array.from({ length: count }, () => random.pick([...from])).join('')
const digits = '0123456789'
const lower = 'abcdefghijklmnopqrstuvwxyz'
const upper = lower.toUpperCase()
const hex = '0123456789abcdef'
const base62 = digits + lower + upper
const base64url = `${base62}-_`
const between = (random: Random, from: number, to: number): number =>
  from + Math.floor(random() * (to - from + 1))
const two = (value: number): string => String(value).padStart(2, '0')
const sum = (text: string, weights: readonly number[]): number =>
  weights.reduce((total, weight, at) => total + weight * Number(text[at]), 0)
const day = (random: Random): string => two(between(random, 1, 28))
const month = (random: Random): string => two(between(random, 1, 12))
const year = (random: Random): string => two(between(random, 0, 99))
const grouped = (value: string, lengths: readonly number[], sign: string): string => {
  let at = 0
  return lengths.map((length) => value.slice(at, (at += length))).join(sign)
}
/** Until one can be made: some have no check digit for a tenth of their numbers. */
const until = (random: Random, make: (random: Random) => string | undefined): string => {
  for (;;) {
    const made = make(random)
    if (made !== undefined) return made
  }
}

const luhnDigit = (number: string): string => {
  const total = [...number]
    .toReversed()
    .reduce(
      (all, char, at) =>
        all + (at % 2 ? Number(char) : [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][Number(char)]!),
      0,
    )
  return String((10 - (total % 10)) % 10)
}

const emailNames = [
  'anna',
  'bob.smith',
  'j.r.hartley',
  'maria-jose',
  'li_wei',
  'x',
  'sales+eu',
  'K.Mueller',
  '007',
]
const emailHosts = [
  'example.com',
  'firma.de',
  'mail.corp.co.uk',
  'uni-bonn.de',
  'startup.io',
  'xn--mller-kva.ch',
  'sub.a.b.company.technology',
  'web.app',
]
const email: Make = (random) =>
  `${random.pick(emailNames)}${between(random, 1, 999)}@${random.pick(emailHosts)}`

const phones: readonly (readonly [sort: string, Make])[] = [
  [
    'DE',
    (r) =>
      `+49 ${r.pick(['30', '89', '170', '1512'])} ${times(r, 1, '123456789')}${times(r, 6, digits)}`,
  ],
  ['DE', (r) => `+49${r.pick(['30', '89', '170'])}${times(r, 7, digits)}`],
  ['DE', (r) => `+49 (0)${r.pick(['30', '40', '221'])} ${times(r, 7, digits)}`],
  ['DE', (r) => `+49/${r.pick(['30', '40', '221'])}/${times(r, 7, digits)}`],
  [
    'US',
    (r) =>
      `+1 (${times(r, 1, '2345678')}${times(r, 2, digits)}) ${times(r, 1, '23456789')}${times(r, 2, digits)}-${times(r, 4, digits)}`,
  ],
  [
    'US',
    (r) =>
      `+1-${times(r, 1, '2345678')}${times(r, 2, digits)}-${times(r, 1, '23456789')}${times(r, 2, digits)}-${times(r, 4, digits)}`,
  ],
  [
    'US',
    (r) =>
      `+1${times(r, 1, '2345678')}${times(r, 2, digits)}${times(r, 1, '23456789')}${times(r, 6, digits)}`,
  ],
  [
    'US',
    (r) =>
      `+1.${times(r, 1, '2345678')}${times(r, 2, digits)}.${times(r, 1, '23456789')}${times(r, 2, digits)}.${times(r, 4, digits)}`,
  ],
  ['GB', (r) => `+44 20 ${times(r, 1, '378')}${times(r, 3, digits)} ${times(r, 4, digits)}`],
  ['GB', (r) => `+44 7${times(r, 3, digits)} ${times(r, 6, digits)}`],
  [
    'FR',
    (r) =>
      `+33 ${r.pick(['1', '6', '7'])} ${Array.from({ length: 4 }, () => times(r, 2, digits)).join(' ')}`,
  ],
  ['ES', (r) => `+34 6${times(r, 2, digits)} ${times(r, 3, digits)} ${times(r, 3, digits)}`],
  ['IT', (r) => `+39 06 ${times(r, 8, digits)}`],
  ['IN', (r) => `+91 ${times(r, 1, '6789')}${times(r, 4, digits)} ${times(r, 5, digits)}`],
  ['BR', (r) => `+55 11 9${times(r, 4, digits)}-${times(r, 4, digits)}`],
  ['JP', (r) => `+81-90-${times(r, 4, digits)}-${times(r, 4, digits)}`],
  ['CN', (r) => `+86 13${times(r, 1, digits)} ${times(r, 4, digits)} ${times(r, 4, digits)}`],
  ['AU', (r) => `+61 4${times(r, 2, digits)} ${times(r, 3, digits)} ${times(r, 3, digits)}`],
  ['CH', (r) => `+41 44 ${times(r, 3, digits)} ${times(r, 2, digits)} ${times(r, 2, digits)}`],
  [
    'PL',
    (r) =>
      `+48 ${times(r, 1, '5678')}${times(r, 2, digits)} ${times(r, 3, digits)} ${times(r, 3, digits)}`,
  ],
  ['UA', (r) => `+380 67 ${times(r, 3, digits)} ${times(r, 4, digits)}`],
  ['SG', (r) => `+65 9${times(r, 3, digits)} ${times(r, 4, digits)}`],
]

/** As people write them at home, by region. */
const atHome: readonly (readonly [region: string, Make])[] = [
  [
    'DE',
    (r) =>
      `${r.pick(['030', '089', '0221', '0171', '01512'])} ${times(r, 1, '23456789')}${times(r, 6, digits)}`,
  ],
  [
    'DE',
    (r) => `(${r.pick(['030', '040', '0711'])}) ${times(r, 1, '23456789')}${times(r, 6, digits)}`,
  ],
  ['DE', (r) => `${r.pick(['030', '069'])}/${times(r, 1, '23456789')}${times(r, 6, digits)}`],
  ['DE', (r) => `017${times(r, 1, '0123456')}${times(r, 7, digits)}`],
  [
    'US',
    (r) =>
      `(${r.pick(['415', '212', '305'])}) ${times(r, 1, '23456789')}${times(r, 2, '03456789')}-${times(r, 4, digits)}`,
  ],
  [
    'US',
    (r) =>
      `${r.pick(['415', '212', '305'])}-${times(r, 1, '23456789')}${times(r, 2, '03456789')}-${times(r, 4, digits)}`,
  ],
  [
    'US',
    (r) =>
      `${r.pick(['415', '212', '305'])}.${times(r, 1, '23456789')}${times(r, 2, '03456789')}.${times(r, 4, digits)}`,
  ],
  ['GB', (r) => `020 7${times(r, 3, digits)} ${times(r, 4, digits)}`],
  ['GB', (r) => `07911 ${times(r, 6, digits)}`],
  [
    'FR',
    (r) =>
      `0${r.pick(['1', '6'])} ${r.pick(['12', '42'])} ${times(r, 2, digits)} ${times(r, 2, digits)} ${times(r, 2, digits)}`,
  ],
  ['FR', (r) => `06.12.${times(r, 2, digits)}.${times(r, 2, digits)}.${times(r, 2, digits)}`],
  ['ES', (r) => `6${times(r, 2, digits)} ${times(r, 3, digits)} ${times(r, 3, digits)}`],
  ['IT', (r) => `06 ${times(r, 1, '2345678')}${times(r, 7, digits)}`],
]

const card = (random: Random, prefix: string, length: number): string => {
  const body = prefix + times(random, length - 1 - prefix.length, digits)
  return body + luhnDigit(body)
}
const cards: readonly (readonly [sort: string, Make])[] = [
  ['visa', (r) => card(r, '4', 16)],
  ['visa spaced', (r) => grouped(card(r, '4', 16), [4, 4, 4, 4], ' ')],
  ['visa dashed', (r) => grouped(card(r, '4', 16), [4, 4, 4, 4], '-')],
  ['mastercard', (r) => card(r, String(between(r, 51, 55)), 16)],
  ['mastercard 2', (r) => grouped(card(r, String(between(r, 2221, 2720)), 16), [4, 4, 4, 4], ' ')],
  ['amex', (r) => card(r, r.pick(['34', '37']), 15)],
  ['amex spaced', (r) => grouped(card(r, r.pick(['34', '37']), 15), [4, 6, 5], ' ')],
  ['discover', (r) => card(r, '6011', 16)],
  ['jcb', (r) => card(r, String(between(r, 3528, 3589)), 16)],
  ['diners', (r) => grouped(card(r, '36', 14), [4, 6, 4], ' ')],
  ['unionpay', (r) => card(r, '62', 16)],
]

/** Letters, digits: `n` a digit, `a` a capital, `c` either. */
const bans = [
  'DE n18',
  'GB a4n14',
  'FR n10c11n2',
  'ES n20',
  'IT a1n10c12',
  'NL a4n10',
  'BE n12',
  'CH n5c12',
  'AT n16',
  'PL n24',
  'SE n20',
  'NO n11',
  'DK n14',
  'PT n21',
  'IE a4n14',
  'SA n2c18',
  'TR n6c16',
  'MT a4n5c18',
  'BR n23a1c1',
]
const iban = (random: Random, form: string): string => {
  const [country = '', shape = ''] = form.split(' ')
  const body = [...shape.matchAll(/([nac])(\d+)/g)]
    .map(([, of, count]) =>
      times(random, Number(count), of === 'n' ? digits : of === 'a' ? upper : digits + upper),
    )
    .join('')
  const number = [...`${body}${country}00`]
    .map((char) => String(Number.parseInt(char, 36)))
    .join('')
  return `${country}${two(98 - Number(BigInt(number) % 97n))}${body}`
}
const inFours = (value: string): string => value.replace(/(.{4})(?=.)/g, '$1 ')

const ssn: Make = (r) =>
  `${r.pick(['1', '2', '4', '5', '7'])}${times(r, 1, digits)}${times(r, 1, '123456789')}-${two(between(r, 1, 99))}-${times(r, 1, '123456789')}${times(r, 3, digits)}`

const germany: Make = (r) => {
  const pool = [...digits].sort(() => r() - 0.5)
  const ten = [...pool.slice(0, 9), pool[between(r, 0, 8)]!].sort(() => r() - 0.5)
  const number = (ten[0] === '0' ? [...ten.slice(1), '0'] : ten).join('')
  if (number[0] === '0') return germany(r)
  let product = 10
  for (const char of number) product = (((Number(char) + product) % 10 || 10) * 2) % 11
  return `${number}${(11 - product) % 10}`
}
const mod11 = (r: Random, weights: readonly number[], start = ''): string =>
  until(r, (random) => {
    const body = start + times(random, weights.length - start.length, digits)
    const check = 11 - (sum(body, weights) % 11)
    return check === 10 ? undefined : `${body}${check === 11 ? 0 : check}`
  })
const france: Make = (r) => {
  const body = `${r.pick(['1', '2'])}${year(r)}${month(r)}${two(between(r, 1, 95))}${times(r, 6, digits)}`
  return `${body}${two(97 - Number(BigInt(body) % 97n))}`
}
const spanish = 'TRWAGMYFPDXBNJZSQVHLCKE'
const dni: Make = (r) => {
  const number = times(r, 8, digits)
  return `${number}${spanish[Number(number) % 23]}`
}
const nie: Make = (r) => {
  const [first, number] = [between(r, 0, 2), times(r, 7, digits)]
  return `${'XYZ'[first]}${number}${spanish[Number(`${first}${number}`) % 23]}`
}
const italianOdd = 'BAKPLCQDREVOSFTGUHMINJWZYX'
const italy: Make = (r) => {
  const body = `${times(r, 6, 'BCDFGLMNPRST')}${year(r)}${times(r, 1, 'ABCDEHLMPRST')}${day(r)}${times(r, 1, 'ABCDEFGHIL')}${times(r, 3, digits)}`
  const value = (char: string) => (/\d/.test(char) ? Number(char) : char.charCodeAt(0) - 65)
  const total = [...body].reduce(
    (all, char, at) => all + (at % 2 ? value(char) : italianOdd.indexOf(upper[value(char)]!)),
    0,
  )
  return `${body}${upper[total % 26]}`
}
const bsn: Make = (r) =>
  until(r, (random) => {
    const body = times(random, 1, '123456789') + times(random, 7, digits)
    const check = sum(body, [9, 8, 7, 6, 5, 4, 3, 2]) % 11
    return check === 10 ? undefined : `${body}${check}`
  })
const pesel: Make = (r) => {
  const body = `${year(r)}${two(Number(month(r)) + r.pick([0, 20]))}${day(r)}${times(r, 4, digits)}`
  return `${body}${(10 - (sum(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10)) % 10}`
}
const sweden: Make = (r) => {
  const body = `${year(r)}${month(r)}${day(r)}${times(r, 3, digits)}`
  return grouped(`${body}${luhnDigit(body)}`, [6, 4], '-')
}
const cpf: Make = (r) => {
  const check = (body: string) =>
    ((sum(
      body,
      [...body].map((_, at) => body.length + 1 - at),
    ) *
      10) %
      11) %
    10
  const body = `1${times(r, 8, digits)}`
  const more = `${body}${check(body)}`
  return `${more}${check(more)}`
}
const d =
  '0123456789123406789523401789563401289567401239567859876043216598710432765982104387659321049876543210'
const p = '01234567891576283094580379614289160435279453126870428657390127938064157046913258'
const inverse = '0432156789'
const aadhaar: Make = (r) => {
  const body = times(r, 1, '23456789') + times(r, 10, digits)
  let check = 0
  ;[...body].toReversed().forEach((char, at) => {
    check = Number(d[check * 10 + Number(p[((at + 1) % 8) * 10 + Number(char)])])
  })
  return `${body}${inverse[check]}`
}
const tfn: Make = (r) =>
  until(r, (random) => {
    const body = times(random, 9, digits)
    return sum(body, [1, 4, 3, 7, 5, 8, 6, 9, 10]) % 11 === 0 ? body : undefined
  })
const belgium: Make = (r) => {
  const body = `${two(between(r, 40, 99))}${month(r)}${day(r)}${times(r, 3, digits)}`
  const all = `${body}${two(97 - (Number(body) % 97))}`
  return `${all.slice(0, 2)}.${all.slice(2, 4)}.${all.slice(4, 6)}-${all.slice(6, 9)}.${all.slice(9)}`
}
const ahv: Make = (r) => {
  const body = `756${times(r, 9, digits)}`
  const check = (10 - (sum(body, [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]) % 10)) % 10
  return grouped(`${body}${check}`, [3, 4, 4, 2], '.')
}
const finland: Make = (r) => {
  const [date, number] = [`${day(r)}${month(r)}${year(r)}`, times(r, 3, digits)]
  return `${date}${r.pick(['-', 'A'])}${number}${'0123456789ABCDEFHJKLMNPRSTUVWXY'[Number(date + number) % 31]}`
}
const norway: Make = (r) =>
  until(r, (random) => {
    const body = `${day(random)}${month(random)}${year(random)}${times(random, 3, digits)}`
    const first = 11 - (sum(body, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)
    const more = `${body}${first % 11}`
    const second = 11 - (sum(more, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)
    return first === 10 || second === 10 ? undefined : `${more}${second % 11}`
  })
const singapore: Make = (r) => {
  const number = times(r, 7, digits)
  return `S${number}${'JZIHGFEDCBA'[sum(number, [2, 7, 6, 5, 4, 3, 2]) % 11]}`
}
const china: Make = (r) => {
  const body = `110105${between(r, 1950, 2009)}${month(r)}${day(r)}${times(r, 3, digits)}`
  const rest = sum(body, [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11
  return `${body}${'10X98765432'[rest]}`
}
const turkey: Make = (r) => {
  const n = [...times(r, 1, '123456789'), ...times(r, 8, digits)].map(Number)
  const at = (from: number) => n.filter((_, place) => place % 2 === from).reduce((a, b) => a + b, 0)
  const tenth = (((at(0) * 7 - at(1)) % 10) + 10) % 10
  return `${n.join('')}${tenth}${(at(0) + at(1) + tenth) % 10}`
}

interface Id {
  readonly sort: string
  readonly make: Make
  readonly called: string
  readonly key: string
  readonly bare?: boolean
}
const ids: readonly Id[] = [
  { sort: 'DE', make: germany, called: 'Steuer-ID', key: 'steuer_id' },
  {
    sort: 'DE spaced',
    make: (r) => grouped(germany(r), [2, 3, 3, 3], ' '),
    called: 'Steueridentifikationsnummer',
    key: 'steuerId',
  },
  {
    sort: 'GB nino',
    make: (r) =>
      `${times(r, 1, 'ABCEHJ')}${times(r, 1, 'ABCEHJ')}${times(r, 6, digits)}${times(r, 1, 'ABCD')}`,
    called: 'NI number',
    key: 'nino',
    bare: true,
  },
  {
    sort: 'GB nino spaced',
    make: (r) =>
      `${times(r, 1, 'ABCEHJ')}${times(r, 1, 'ABCEHJ')} ${times(r, 2, digits)} ${times(r, 2, digits)} ${times(r, 2, digits)} ${times(r, 1, 'ABCD')}`,
    called: 'National Insurance number',
    key: 'nino',
    bare: true,
  },
  {
    sort: 'GB nhs',
    make: (r) => grouped(mod11(r, [10, 9, 8, 7, 6, 5, 4, 3, 2]), [3, 3, 4], ' '),
    called: 'NHS number',
    key: 'nhs_number',
  },
  { sort: 'FR', make: france, called: 'numéro de sécurité sociale', key: 'nir', bare: true },
  {
    sort: 'FR spaced',
    make: (r) => grouped(france(r), [1, 2, 2, 2, 3, 3, 2], ' '),
    called: 'NIR',
    key: 'nir',
    bare: true,
  },
  { sort: 'ES dni', make: dni, called: 'DNI', key: 'dni', bare: true },
  { sort: 'ES nie', make: nie, called: 'NIE', key: 'nie', bare: true },
  { sort: 'IT', make: italy, called: 'codice fiscale', key: 'codice_fiscale', bare: true },
  { sort: 'NL', make: bsn, called: 'BSN', key: 'bsn' },
  { sort: 'PL', make: pesel, called: 'PESEL', key: 'pesel' },
  { sort: 'SE', make: sweden, called: 'personnummer', key: 'personnummer', bare: true },
  {
    sort: 'BR',
    make: (r) => cpf(r).replace(/(...)(...)(...)(..)/, '$1.$2.$3-$4'),
    called: 'CPF',
    key: 'cpf',
    bare: true,
  },
  { sort: 'BR bare', make: cpf, called: 'CPF', key: 'cpf' },
  {
    sort: 'IN aadhaar',
    make: (r) => grouped(aadhaar(r), [4, 4, 4], ' '),
    called: 'Aadhaar number',
    key: 'aadhaar',
  },
  {
    sort: 'IN pan',
    make: (r) =>
      `${times(r, 3, upper)}P${times(r, 1, upper)}${times(r, 4, digits)}${times(r, 1, upper)}`,
    called: 'PAN',
    key: 'pan',
    bare: true,
  },
  {
    sort: 'CA',
    make: (r) => {
      const body = times(r, 1, '1234567') + times(r, 7, digits)
      return grouped(body + luhnDigit(body), [3, 3, 3], r.pick([' ', '-']))
    },
    called: 'SIN',
    key: 'sin',
  },
  {
    sort: 'AU',
    make: (r) => grouped(tfn(r), [3, 3, 3], ' '),
    called: 'tax file number',
    key: 'tfn',
  },
  { sort: 'BE', make: belgium, called: 'rijksregisternummer', key: 'niss', bare: true },
  { sort: 'CH', make: ahv, called: 'AHV-Nummer', key: 'ahv', bare: true },
  { sort: 'FI', make: finland, called: 'henkilötunnus', key: 'hetu', bare: true },
  { sort: 'NO', make: norway, called: 'fødselsnummer', key: 'fnr' },
  { sort: 'SG', make: singapore, called: 'NRIC', key: 'nric', bare: true },
  { sort: 'CN', make: china, called: '身份证', key: 'id_card', bare: true },
  { sort: 'TR', make: turkey, called: 'TC kimlik no', key: 'tckn' },
]

const ips: readonly (readonly [sort: string, Make])[] = [
  [
    'v4',
    (r) =>
      `${r.pick(['10', '84', '93', '172', '188', '203'])}.${between(r, 1, 255)}.${between(r, 11, 255)}.${between(r, 1, 254)}`,
  ],
  [
    'v6',
    (r) =>
      `2${times(r, 3, hex)}:${times(r, 1, '123456789')}${times(r, 3, hex)}::${times(r, 1, '123456789abcdef')}${times(r, 2, hex)}`,
  ],
  [
    'v6 full',
    (r) =>
      `2a0${times(r, 1, hex)}:${Array.from({ length: 7 }, () => times(r, 1, '123456789abcdef') + times(r, 3, hex)).join(':')}`,
  ],
]

const vendors: readonly (readonly [sort: string, Make])[] = [
  ['openai', (r) => `sk-${times(r, 48, base62)}`],
  ['openai project', (r) => `sk-proj-${times(r, 74, base64url)}T3BlbkFJ${times(r, 74, base62)}`],
  ['anthropic', (r) => `sk-ant-api03-${times(r, 93, base64url)}AA`],
  ['openrouter', (r) => `sk-or-v1-${times(r, 64, hex)}`],
  ['google', (r) => `AIza${times(r, 34, base64url)}a`],
  ['google oauth', (r) => `GOCSPX-${times(r, 27, base64url)}x`],
  ['aws', (r) => `AKIA${times(r, 16, `${upper}234567`)}`],
  ['github', (r) => `gh${r.pick(['p', 'o', 'u', 's', 'r'])}_${times(r, 36, base62)}`],
  ['github fine', (r) => `github_pat_${times(r, 22, base62)}_${times(r, 59, base62)}`],
  ['gitlab', (r) => `glpat-${times(r, 19, base64url)}a`],
  ['slack', (r) => `xoxb-${times(r, 12, digits)}-${times(r, 12, digits)}-${times(r, 24, base62)}`],
  ['stripe', (r) => `${r.pick(['sk', 'rk'])}_${r.pick(['live', 'test'])}_${times(r, 24, base62)}`],
  ['twilio', (r) => `SK${times(r, 32, hex)}`],
  ['sendgrid', (r) => `SG.${times(r, 22, base62)}.${times(r, 43, base62)}`],
  ['huggingface', (r) => `hf_${times(r, 34, base62)}`],
  ['npm', (r) => `npm_${times(r, 36, base62)}`],
  ['pypi', (r) => `pypi-AgEIcHlwaS5vcmc${times(r, 130, base64url)}a`],
  ['groq', (r) => `gsk_${times(r, 52, base62)}`],
  ['xai', (r) => `xai-${times(r, 80, base62)}`],
  ['digitalocean', (r) => `dop_v1_${times(r, 64, hex)}`],
  [
    'telegram',
    (r) => `${times(r, 1, '123456789')}${times(r, 9, digits)}:AA${times(r, 32, base64url)}a`,
  ],
  ['shopify', (r) => `shpat_${times(r, 32, hex)}`],
  ['databricks', (r) => `dapi${times(r, 32, hex)}`],
  ['deepseek', (r) => `sk-${times(r, 32, hex)}`],
  [
    'jwt',
    (r) =>
      `${Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url')}.${Buffer.from(`{"sub":"${times(r, 12, digits)}"}`).toString('base64url')}.${times(r, 42, base64url)}a`,
  ],
]

type Context = (secret: Secret) => readonly [before: string, after: string]

/** What calls it by its name. */
const calling: readonly Context[] = [
  ({ called }) => [`My ${called} is `, '. Please update the record.'],
  ({ called }) => [`Meine ${called}: `, ', danke!'],
  ({ called }) => [`Voici mon ${called} (`, ') pour le dossier.'],
  ({ called }) => [`El ${called} del cliente es "`, '".'],
  ({ called }) => [`- **${called}**: `, '\n- next'],
  ({ key }) => [`{"name":"Ann","${key}":"`, '","age":41}'],
  ({ key }) => [`{\n  "${key}": "`, '"\n}'],
  ({ key }) => [`const record = { ${key}: '`, "' }\n"],
  ({ key }) => [`record = {"${key}": "`, '"}  # from the form'],
  ({ key }) => [`user:\n  ${key}: `, '\n  active: true'],
  ({ key }) => [`2026-03-04T05:06:07.123Z INFO [web] user=42 ${key}=`, ' status=200'],
  ({ key }) => [`{"arguments":"{\\"to\\":\\"x\\",\\"${key}\\":\\"`, '\\",\\"n\\":1}"}'],
  ({ called }) => [`{"text":"First line\\n${called}:\\n`, '\\nbye"}'],
  ({ key }) => [`name;${key};city\nAnn;`, ';Bonn\n'],
  ({ key }) => [`<${key}>`, `</${key}>`],
  ({ key }) => [`| ${key} | `, ' |'],
  ({ called }) => [`Das ist die ${called}\t`, ''],
]
/** What does not. */
const silent: readonly Context[] = [
  () => ['', ''],
  () => ['Reach out: ', '.'],
  () => ['it was ', ', or not?'],
  () => ['("', '")'],
  () => ['[', ']'],
  () => ['`', '`'],
  () => ['x = "', '";\n'],
  () => ["echo '", "' | tee out"],
  () => ['a,b,', ',c\n'],
  () => ['line one\n', '\nline three'],
  () => ['{"content":"hi\\n', '\\nthere"}'],
  () => ['{\\"q\\":\\"', '\\"}'],
  () => ['請聯絡', '。'],
  () => ['“', '”'],
  () => ['see ', '!'],
]
const inUrls: Context = ({ key }) => [`https://shop.example/find?${key}=`, '&page=2']

/** Passwords and keys that are known by what they are assigned to. */
const assigned: readonly (readonly [sort: string, Make, before: string, after: string])[] = [
  ['env', (r) => times(r, between(r, 20, 44), base62), 'PORT=80\nAPI_KEY=', '\nDEBUG=1'],
  ['env hex', (r) => times(r, 32, hex), 'export AZURE_OPENAI_API_KEY=', '\n'],
  ['json', (r) => times(r, 40, base62), '{"client_secret": "', '"}'],
  ['escaped json', (r) => times(r, 40, base62), '{"arguments":"{\\"api_key\\":\\"', '\\"}"}'],
  ['yaml', (r) => times(r, 32, base64url.replace('-', '')), 'auth:\n  token: ', '\n'],
  ['code', (r) => times(r, 40, `${base62}/+`), "const awsSecretAccessKey = '", "'\n"],
  ['header', (r) => times(r, 40, base62), 'Authorization: Bearer ', '\r\nHost: a'],
  ['curl', (r) => times(r, 40, hex), "curl -H 'x-api-key: ", "' https://a.example"],
  [
    'azure',
    (r) => `${times(r, 86, `${base62}+/`)}==`,
    'AccountName=acme;AccountKey=',
    ';EndpointSuffix=core',
  ],
  [
    'password',
    (r) =>
      `${times(r, 1, upper)}${times(r, 6, lower)}${times(r, 3, digits)}${times(r, 1, '!#?_*')}x`,
    'password: "',
    '"',
  ],
  [
    'password env',
    (r) => `${times(r, 1, upper)}${times(r, 6, lower)}${times(r, 3, digits)}`,
    'DB_PASSWORD=',
    '\n',
  ],
  [
    'password prose',
    (r) => `${times(r, 5, lower)}${times(r, 1, upper)}${times(r, 4, digits)}`,
    'the password is ',
    ' for now',
  ],
  ['flag', (r) => times(r, 32, hex), 'deploy --api-key ', ' --force'],
  ['flag assigned', (r) => times(r, 40, base62), 'run --token=', '\n'],
  [
    'xml',
    (r) => `${times(r, 6, lower)}${times(r, 2, upper)}${times(r, 3, digits)}`,
    '<add key="Password" value="',
    '" />',
  ],
  ['pairs', (r) => times(r, 40, base62), '{"name":"API_KEY","value":"', '"}'],
  [
    'properties',
    (r) => `${times(r, 5, lower)}${times(r, 2, upper)}${times(r, 3, digits)}`,
    'spring.datasource.password=',
    '\n',
  ],
  [
    'password quoted',
    (r) => `${times(r, 4, lower)}(${times(r, 2, upper)}${times(r, 3, digits)};x`,
    'login(user="a", password="',
    '")',
  ],
  ['python', (r) => times(r, 40, base62), 'os.environ["MY_API_TOKEN"] = "', '"'],
  ['docker', (r) => times(r, 40, base62), '    - SECRET_KEY=', '\n    - A=b'],
  [
    'terraform',
    (r) => `${times(r, 3, upper)}${times(r, 8, lower)}${times(r, 2, digits)}%`,
    '  master_password    = "',
    '"',
  ],
  ['template', (r) => times(r, 40, base62), 'const apiKey = `', '`'],
  ['url', (r) => times(r, 14, base62), 'postgres://app:', '@db.internal:5432/app'],
  ['url redis', (r) => times(r, 20, base62), 'rediss://:', '@cache.example.com:6379'],
]

const pem = (random: Random, sort: string, newline: string): string => {
  const lines = Array.from({ length: 12 }, () => times(random, 64, `${base62}+/`))
  return [
    `-----BEGIN ${sort}PRIVATE KEY-----`,
    ...lines,
    `${times(random, 30, base62)}==`,
    `-----END ${sort}PRIVATE KEY-----`,
  ].join(newline)
}

const place = (secret: Secret, before: string, after: string): Sample => ({
  ...secret,
  text: before + secret.value + after,
  start: before.length,
  end: before.length + secret.value.length,
})

/** Regions whose telephone numbers `createHome` has. */
export const regions: readonly string[] = [...new Set(atHome.map(([region]) => region))]

/** Samples of telephone numbers as people write them at home. */
export const createHome = (seed: number): readonly Sample[] => {
  const random = createRandom(seed)
  return atHome.flatMap(([sort, make]) =>
    [...calling, ...silent].map((context) => {
      const parts = { kind: 'phone', sort, called: 'phone', key: 'phone', bare: true }
      const secret = { ...parts, value: make(random) }
      return place(secret, ...context(secret))
    }),
  )
}

/** Samples with what is private in them, the same for the same seed. */
export const createCorpus = (seed: number): readonly Sample[] => {
  const random = createRandom(seed)
  const samples: Sample[] = []
  const add = (
    kind: string,
    sort: string,
    make: Make,
    called: string,
    key: string,
    bare: boolean,
  ): void => {
    for (const context of bare ? [...calling, ...silent] : calling) {
      const secret = { kind, sort, value: make(random), called, key, bare }
      samples.push(place(secret, ...context(secret)))
    }
    const secret = { kind, sort, value: make(random), called, key, bare }
    if (/^[\w.:@-]+$/.test(secret.value)) samples.push(place(secret, ...inUrls(secret)))
  }
  for (let round = 0; round < 6; round++) add('email', 'mail', email, 'address', 'email', true)
  for (const [sort, make] of phones) add('phone', sort, make, 'number', 'phone', true)
  for (const [sort, make] of cards) add('credit_card', sort, make, 'card', 'card_number', true)
  for (const form of bans) {
    add('iban', form.slice(0, 2), (r) => iban(r, form), 'IBAN', 'iban', true)
    add('iban', `${form.slice(0, 2)} spaced`, (r) => inFours(iban(r, form)), 'IBAN', 'iban', true)
  }
  for (let round = 0; round < 4; round++) add('ssn', 'US', ssn, 'SSN', 'ssn', true)
  add('ssn', 'US bare', (r) => ssn(r).replaceAll('-', ''), 'social security number', 'ssn', false)
  for (const id of ids) add('national_id', id.sort, id.make, id.called, id.key, id.bare ?? false)
  for (const [sort, make] of ips)
    for (let round = 0; round < 2; round++) add('ip_address', sort, make, 'host', 'ip', true)
  for (const [sort, make] of vendors) add('secret', sort, make, 'key', 'key', true)
  for (const [sort, make, before, after] of assigned)
    for (let round = 0; round < 20; round++)
      samples.push(
        place(
          { kind: 'secret', sort, value: make(random), called: '', key: '', bare: false },
          before,
          after,
        ),
      )
  for (const sort of ['', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED '])
    for (const newline of ['\n', '\\n', '\r\n', '\\\\n'])
      for (const [before, after] of [
        ['', '\n'],
        ['key: "', '"'],
        ['{"private_key":"', '\\n"}'],
      ] as const)
        samples.push(
          place(
            {
              kind: 'secret',
              sort: 'pem',
              value: pem(random, sort, newline),
              called: '',
              key: '',
              bare: true,
            },
            before,
            after,
          ),
        )
  return samples
}
