import { shareOf } from '../../formats/effort.ts'
import { isObject, type Fields } from '../../fields.ts'
import type { Request } from '../../chat.ts'
import { originOf } from '../../formats/gemini/marks.ts'
import { versionOf, type Version } from './version.ts'
import { lookUp } from '../../formats/unchecked.ts'

/** The least and the most that a model of version 2.5 takes: https://ai.google.dev/gemini-api/docs/thinking */
const rangeOf = ({ pro, lite }: Version): readonly [number, number] => {
  if (pro) return [128, 32_768]
  return lite ? [512, 24_576] : [1, 24_576]
}

const within = (version: Version, budget: number): number => {
  const [least, most] = rangeOf(version)
  return Math.min(Math.max(Math.round(budget), least), most)
}

const budgetFor = (version: Version, effort: string, most: number | undefined): number => {
  if (effort === 'none') return version.pro ? 128 : 0
  return within(version, shareOf(effort) * (most ?? rangeOf(version)[1]))
}

const levels: Readonly<Record<string, string>> = {
  none: 'minimal',
  minimal: 'minimal',
  low: 'low',
  medium: 'medium',
}

/** The nearest level that there is: `pro` has no minimal one, and in its first version no medium one. */
const levelFor = ({ pro, number }: Version, effort: string): string => {
  const level = lookUp(levels, effort) ?? 'high'
  if (pro && level === 'minimal') return 'low'
  return pro && number === 3 && level === 'medium' ? 'high' : level
}

const same = (reasoning: Fields, read: Fields): boolean =>
  Object.keys({ ...reasoning, ...read }).every((field) => reasoning[field] === read[field])

/** `thinkingConfig`; undefined where nothing is asked or the model cannot think. */
export const writeThinking = (request: Request, model: string): Fields | undefined => {
  const { reasoning, reasoning_effort } = request
  const asked: Fields = isObject(reasoning)
    ? reasoning
    : typeof reasoning_effort === 'string'
      ? { effort: reasoning_effort }
      : {}
  const origin = originOf<{ written: Fields; read: Fields }>(asked)
  if (origin && same(asked, origin.read)) return origin.written
  const version = versionOf(model)
  if (version.number < 2.5 || Object.keys(asked).length === 0) return undefined
  const effort = asked.enabled === false ? 'none' : asked.effort
  const includeThoughts = asked.exclude !== true && effort !== 'none'
  if (typeof effort === 'string') {
    if (version.number >= 3) return { includeThoughts, thinkingLevel: levelFor(version, effort) }
    const most = request.max_completion_tokens ?? request.max_tokens ?? undefined
    return { includeThoughts, thinkingBudget: budgetFor(version, effort, most) }
  }
  if (typeof asked.max_tokens === 'number') {
    const budget = version.number >= 3 ? asked.max_tokens : within(version, asked.max_tokens)
    return { includeThoughts, thinkingBudget: budget }
  }
  return version.number >= 3 ? { includeThoughts } : { includeThoughts, thinkingBudget: -1 }
}
