import { claudeOf } from '../../providers/claude.ts'

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
