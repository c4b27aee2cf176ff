import type { AutoConfig } from '../../config.ts'
import type { Needs } from '../choice/needs.ts'
import { matches } from './pattern.ts'

export interface Difficulty {
  /** From 0 to 1. */
  readonly score: number
  /** What made it: `tools 0.20, code 0.15`. */
  readonly because: string
}

/** What is looked at, beside the needs; all of it costs next to nothing. */
export interface Asked {
  readonly needs: Needs
  readonly messages: number
  /** The latest thing that the user said. */
  readonly text: string
}

/** Prompt tokens from which a request counts as short, and as long. */
const short = 500
const long = 20_000
const manyTurns = 10

const code = /```|\b(?:function|class|def|import|const|SELECT|#include)\b/

const lengthOf = (prompt: number): number =>
  Math.min(1, Math.max(0, Math.log(prompt / short) / Math.log(long / short)))

/** A sum of signs that anybody can check: no model is asked, and nothing is sent anywhere. */
export const difficultyOf = (
  { needs, messages, text }: Asked,
  { difficulty: signs, words }: Pick<AutoConfig, 'difficulty' | 'words'>,
): Difficulty => {
  const { parameters, prompt } = needs
  const lower = text.toLowerCase()
  const shares: readonly (readonly [keyof AutoConfig['difficulty'], number])[] = [
    ['length', prompt > short ? lengthOf(prompt) : 0],
    ['code', code.test(text) ? 1 : 0],
    ['tools', parameters.includes('tools') ? 1 : 0],
    ['reasoning', parameters.some((name) => name.startsWith('reasoning')) ? 1 : 0],
    ['schema', parameters.includes('structured_outputs') ? 1 : 0],
    ['words', words.some((word) => lower.includes(word)) ? 1 : 0],
    ['turns', messages > manyTurns ? 1 : 0],
  ]
  const told = shares
    .map(([sign, share]) => [sign, share * signs[sign]] as const)
    .filter(([, points]) => points > 0)
  return {
    score: Math.min(
      1,
      told.reduce((sum, [, points]) => sum + points, 0),
    ),
    because: told.map(([sign, points]) => `${sign} ${points.toFixed(2)}`).join(', '),
  }
}

/** A model that `sluice/auto` may choose, by what it costs in general. */
export interface Option {
  readonly name: string
  /** Dollars of a million tokens, three quarters of them prompt. */
  readonly price: number
}

const fits = (patterns: readonly string[], name: string): boolean =>
  patterns.some((pattern) => matches(pattern, name))

/** The names among those known that are the user's choice. */
export const chosen = (
  names: readonly string[],
  { models, excluded_models = [] }: Pick<AutoConfig, 'models' | 'excluded_models'>,
): string[] =>
  names.filter((name) => (!models || fits(models, name)) && !fits(excluded_models, name))

/** The options that a request of that difficulty may have, the cheapest first. */
export const optionsFor = <O extends Option>(
  cheapestFirst: readonly O[],
  { score }: Difficulty,
  { hard, threshold }: Pick<AutoConfig, 'hard' | 'threshold'>,
): readonly O[] => {
  if (score < threshold) return cheapestFirst
  const strong = hard
    ? cheapestFirst.filter(({ name }) => fits(hard, name))
    : cheapestFirst.slice(Math.floor(cheapestFirst.length / 2))
  return strong.length > 0 ? strong : cheapestFirst
}
