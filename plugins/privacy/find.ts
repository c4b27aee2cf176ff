import { v } from 'sluice/plugin'
import { findIpv6 } from './find/ip-addresses.ts'
import { findAssignments } from './find/assignments.ts'
import { blobsOf } from './find/blobs.ts'
import { findEmails } from './find/emails.ts'
import type { Detector, Hit } from './find/hit.ts'
import { join } from './find/join.ts'
import { findWebTokens } from './find/json-web-tokens.ts'
import { findPrivateKeys } from './find/private-keys.ts'
import { createPatterns, pattern } from './find/patterns.ts'
import { loadRecogniser } from './find/recognise.ts'
import { createRegional, region } from './find/regional.ts'
import { createScan } from './find/scan.ts'
import { findUrlPasswords } from './find/url-passwords.ts'
import { createWords } from './find/words.ts'

export type { Hit } from './find/hit.ts'

export interface Finder {
  /** In order, without overlaps; linear in the text's length. */
  find(text: string): readonly Hit[]
  /** What a recogniser of the user's finds besides (names, addresses); absent without one. */
  recognise?(texts: readonly string[], signal: AbortSignal): Promise<readonly (readonly Hit[])[]>
}

/** What is found without being told how. */
export const kinds: readonly string[] = [
  'secret',
  'credit_card',
  'iban',
  'ssn',
  'national_id',
  'email',
  'phone',
  'ip_address',
]

const name = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9_]*$/, 'expected a name such as project_name'),
)
const text = v.pipe(v.string(), v.minLength(1))

/** The options that say what to find. */
export const finderOptions = {
  /** Where telephone numbers are written as at home, without a country's code. */
  regions: v.optional(v.array(region), []),
  /** Kinds of your own: words, whatever their case. */
  words: v.optional(v.record(name, v.array(v.pipe(text, v.minLength(2), v.maxLength(200)))), {}),
  /** Kinds of your own: patterns as RE2 has them. */
  patterns: v.optional(v.record(name, pattern), {}),
  /** A module of yours that finds what no rule does. */
  recogniser: v.optional(text),
  /** The kinds that it finds. */
  recognises: v.optional(v.array(name), ['person', 'address']),
}

const schema = v.strictObject(finderOptions)
export type FinderOptions = v.InferOutput<typeof schema>

/** All kinds that there are with these options: ours and the user's. */
export const kindsWith = ({ words, patterns, recogniser, recognises }: FinderOptions): string[] => [
  ...new Set([
    ...kinds,
    ...Object.keys(words),
    ...Object.keys(patterns),
    ...(recogniser === undefined ? [] : recognises),
  ]),
]

/**
 * A finder of the kinds that count. Where finds overlap they become one, of the kind that comes first in `kindsThatCount`.
 * @param path from the name of a file in the YAML to where it is
 */
export const createFinder = async (
  { regions, words, patterns, recogniser }: FinderOptions,
  kindsThatCount: readonly string[],
  path: (file: string) => string = (file) => file,
): Promise<Finder> => {
  const wanted = new Set(kindsThatCount)
  const of = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(Object.entries(all).filter(([kind]) => wanted.has(kind)))
  const [ownWords, ownPatterns] = [of(words), of(patterns)]
  const isRegional = wanted.has('phone') && regions.length > 0
  const regional = isRegional ? await createRegional(regions) : undefined
  const detectors: Detector[] = [createScan(wanted, regional)]
  if (wanted.has('email')) detectors.push(findEmails)
  if (wanted.has('ip_address')) detectors.push(findIpv6)
  if (wanted.has('secret'))
    detectors.push(findPrivateKeys, findWebTokens, findUrlPasswords, findAssignments)
  if (Object.keys(ownWords).length > 0) detectors.push(createWords(ownWords))
  if (Object.keys(ownPatterns).length > 0) detectors.push(createPatterns(ownPatterns))
  const recognise = recogniser && (await loadRecogniser(path(recogniser), wanted))

  return {
    find(searched) {
      const hits: Hit[] = []
      const add = (kind: string, start: number, end: number): void => {
        hits.push({ kind, start, end })
      }
      for (const detect of detectors) detect(searched, add)
      return hits.length === 0 ? hits : join(hits, kindsThatCount, blobsOf(searched))
    },
    ...(recognise && { recognise }),
  }
}
