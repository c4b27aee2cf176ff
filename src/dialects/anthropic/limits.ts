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

/**
 * The most tokens that a model can answer with: https://platform.claude.com/docs/en/about-claude/models/overview
 * (November 2026). Models that are not Claude get what all known ones take.
 */
export const outputLimit = (model: string): number => {
  const claude = claudeOf(model)
  if (!claude) return 8_192
  const { family, version } = claude
  if (version < 3.5) return 4_096
  if (version < 3.7) return 8_192
  if (version >= 4.6) return 128_000
  return family === 'opus' && version < 4.5 ? 32_000 : 64_000
}

/** `budget`: tokens only; `both`: adaptive too; `adaptive`: a budget is refused, and so is sampling. */
export type Thinks = 'budget' | 'both' | 'adaptive'

export const thinksHow = (model: string): Thinks => {
  const { version = 0 } = claudeOf(model) ?? {}
  if (version < 4.6) return 'budget'
  return version < 4.7 ? 'both' : 'adaptive'
}

/** Whether `output_config.effort` is known; models that are not Claude may know it. */
export const takesEffort = (model: string): boolean => {
  const claude = claudeOf(model)
  return !claude || claude.version >= 4.6 || (claude.family === 'opus' && claude.version === 4.5)
}
