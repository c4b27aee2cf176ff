/** What the API takes of a Claude model; undefined for models that are none. */
export interface Claude {
  readonly family: string
  /** 4.6 for `claude-opus-4-6`. */
  readonly version: number
}

const named =
  /claude-(?:(?<before>\d+)(?:[.-](?<minor>\d))?-)?(?<family>[a-z]+)(?:-(?<after>\d+)(?:[.-](?<part>\d)(?!\d))?)?/

/** Reads `claude-3-5-haiku-20241022`, `anthropic.claude-opus-4-1-20250805-v1:0`, `anthropic/claude-sonnet-4.5`. */
export const claudeOf = (model: string): Claude | undefined => {
  const groups = named.exec(model.toLowerCase())?.groups
  if (!groups) return undefined
  const { before, minor, family = '', after, part } = groups
  const major = before ?? (after && after.length <= 2 ? after : undefined)
  // a preview without a number is of the newest
  if (major === undefined) return { family, version: Infinity }
  return { family, version: Number(`${major}.${(before === undefined ? part : minor) ?? '0'}`) }
}
