import { matchGlob } from '../../config/glob.ts'

/** What the one `*` of a pattern stands for in a name; '' for an exact match, undefined for none. */
export const matched = (pattern: string, name: string): string | undefined =>
  pattern === name ? '' : matchGlob(pattern, name)

/** Whether a name fits a pattern such as `openai/*`. */
export const matches = (pattern: string, name: string): boolean =>
  matched(pattern, name) !== undefined
