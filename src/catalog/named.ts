import type { Facts } from './facts.ts'

const day = /(?<!\d)(20\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])(?!\d)/

/** Words that tell which of a family it is, or how it was finished, and not which family. */
const passing = /^(v?\d+(\.\d+)*[a-z]?|[ae]?\d+(\.\d+)?[bm]|latest|preview|exp|beta|instruct|it)$/

/** `qwen3` is a qwen; `k2` stays, as its letter alone says nothing. */
const numbered = /^([a-z]{3,}|o)\d+(\.\d+)*$/

const familyIn = (model: string): string | undefined => {
  const name = model.slice(model.lastIndexOf('/') + 1).toLowerCase()
  const words = name
    .replace(/[:@].*$/, '')
    .replace(/^([a-z]+\.)+(?=[a-z])/, '')
    .replace(day, '')
    .split(/[-_]+/)
    .filter((word) => word !== '' && !passing.test(word))
    .map((word) => word.replace(numbered, '$1'))
  return words.length > 0 ? words.join('-') : undefined
}

/** What a model's name alone tells: its family, such as `claude-sonnet`, and the day of a snapshot. */
export const namedFacts = (model: string): Pick<Facts, 'family' | 'created'> => {
  const family = familyIn(model)
  const [, year, month, date] = day.exec(model) ?? []
  const created = year === undefined ? NaN : Date.parse(`${year}-${month}-${date}`) / 1_000
  return { ...(family !== undefined && { family }), ...(!Number.isNaN(created) && { created }) }
}
