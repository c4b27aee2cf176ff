import type { Detector } from './hit.ts'

/** Finds what patterns of the user's match, in linear time. Throws where one is not of RE2. */
export const createPatterns = async (
  patterns: Readonly<Record<string, string>>,
): Promise<Detector> => {
  const { RE2JS } = await import('re2js').catch(() => {
    throw new Error('privacy: patterns need the package re2js: bun add re2js')
  })
  const compiled = Object.entries(patterns).map(([kind, pattern]) => {
    try {
      return { kind, pattern: RE2JS.compile(pattern) }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      throw new Error(
        `privacy: patterns.${kind} is not RE2 (no lookaround, no backreferences): ${reason}`,
      )
    }
  })
  return (text, add) => {
    for (const { kind, pattern } of compiled) {
      const matcher = pattern.matcher(text)
      while (matcher.find())
        if (matcher.end() > matcher.start()) add(kind, matcher.start(), matcher.end())
    }
  }
}
