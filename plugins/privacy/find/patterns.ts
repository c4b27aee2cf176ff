import { createRequire } from 'node:module'
import { v } from 'sluice/plugin'
import type { Detector } from './hit.ts'

const load = createRequire(import.meta.url)

/** Loaded only where somebody has patterns. */
const engine = (): typeof import('re2js') => {
  try {
    return load('re2js')
  } catch (cause) {
    throw new Error('patterns need the package re2js: bun add re2js', { cause })
  }
}

/** Why the pattern is invalid, in a few words; undefined when it is valid. */
const mistakeIn = (pattern: string): string | undefined => {
  try {
    engine().RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    const message = error instanceof Error ? error.message : 'it does not compile'
    return message.replace('error parsing regexp: ', '')
  }
}

/** A pattern of RE2, which looks neither around nor back, and so never takes longer than the text is long. */
export const pattern = v.pipe(
  v.string(),
  v.minLength(1),
  v.rawCheck(({ dataset, addIssue }) => {
    const mistake = dataset.typed ? mistakeIn(dataset.value) : undefined
    if (mistake !== undefined) addIssue({ message: `expected a pattern of RE2: ${mistake}` })
  }),
)

/** Finds what patterns of the user's match, in linear time. */
export const createPatterns = (patterns: Readonly<Record<string, string>>): Detector => {
  const { RE2JS } = engine()
  const compiled = Object.entries(patterns).map(
    ([kind, written]) => [kind, RE2JS.compile(written)] as const,
  )
  return (text, add) => {
    for (const [kind, re2] of compiled) {
      const matcher = re2.matcher(text)
      while (matcher.find())
        if (matcher.end() > matcher.start()) add(kind, matcher.start(), matcher.end())
    }
  }
}
