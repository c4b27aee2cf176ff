import { lookUp } from './unchecked.ts'

/** Shares of an answer's tokens that are for thinking, as OpenRouter has them. */
const ratios: Readonly<Record<string, number>> = {
  max: 0.95,
  xhigh: 0.95,
  high: 0.8,
  medium: 0.5,
  low: 0.2,
  minimal: 0.1,
}

/** The share that an effort stands for; that of `medium` for a word that nobody knows. */
export const shareOf = (effort: unknown): number => lookUp(ratios, effort) ?? 0.5

/** The least share of an answer's tokens that an effort stands for: half way between two of OpenRouter's ratios. */
const shares = [
  [0.87, 'xhigh'],
  [0.65, 'high'],
  [0.35, 'medium'],
  [0.15, 'low'],
] as const

/** Tokens; what models that think may say where the client sets no limit. */
const usualLimit = 64_000

/** The effort that a thinking budget of so many tokens comes nearest to. */
export const effortOf = (budget: number, limit: unknown): string => {
  const all = typeof limit === 'number' && limit > 0 ? limit : usualLimit
  return shares.find(([share]) => budget / all >= share)?.[1] ?? 'minimal'
}
