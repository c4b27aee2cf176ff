import type { Detector } from './hit.ts'

/** Finds what patterns of the user's match, in linear time. Throws where one is not of RE2. */
export const createPatterns = async (
  patterns: Readonly<Record<string, string>>,
): Promise<Detector> => {
  const { RE2JS } = await import('re2js').catch((cause: unknown) => {
    throw new Error('patterns need the package re2js: bun add re2js', { cause })
  })
  const compiled = Object.entries(patterns).map(([kind, pattern]) => {
    try {
      return { kind, pattern: RE2JS.compile(pattern) }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'it does not compile'
      throw new Error(
        `patterns.${kind} is not RE2, which looks neither around nor back: ${reason}`,
        {
          cause,
        },
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
