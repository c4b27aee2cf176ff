/** What the one `*` of a pattern stands for in a name; '' for an exact match, undefined for none. */
export const matched = (pattern: string, name: string): string | undefined => {
  const star = pattern.indexOf('*')
  if (star === -1) return pattern === name ? '' : undefined
  const before = pattern.slice(0, star)
  const after = pattern.slice(star + 1)
  return name.length >= before.length + after.length &&
    name.startsWith(before) &&
    name.endsWith(after)
    ? name.slice(before.length, name.length - after.length)
    : undefined
}

/** Whether a name fits a pattern such as `openai/*`. */
export const matches = (pattern: string, name: string): boolean =>
  matched(pattern, name) !== undefined
