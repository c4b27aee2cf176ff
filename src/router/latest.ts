import { GatewayError } from '../errors.ts'
import type { Target } from './target.ts'

const written = /^~([^/\s]+)\/(.+)-latest$/

/** Numbers inside names count as numbers: 4.10 is after 4.9. */
const { compare } = new Intl.Collator('en', { numeric: true })

const isBy = (author: string, { provider, endpoint }: Target): boolean =>
  endpoint.model.startsWith(`${author}/`) || provider.name === author || provider.preset === author

const slugOf = (author: string, { endpoint: { model } }: Target): string =>
  model.startsWith(`${author}/`) ? model.slice(author.length + 1) : model

const isOf = (family: string, author: string, target: Target): boolean =>
  target.facts.family === family || slugOf(author, target).startsWith(`${family}-`)

const isNewer = (one: Target, other: Target): boolean => {
  const [first = 0, second = 0] = [one.facts.created, other.facts.created]
  return first === second ? compare(one.endpoint.model, other.endpoint.model) > 0 : first > second
}

/** Whether the name asks for the newest of a family, such as `~anthropic/claude-sonnet-latest`. */
export const asksForLatest = (name: string): boolean => written.test(name)

/**
 * All endpoints of the newest model of the family that the author has; by its date, else by the numbers in its name. Throws
 * `model_not_found`.
 */
export const latestOf = (name: string, all: readonly Target[]): readonly Target[] => {
  const [, author = '', family = ''] = written.exec(name) ?? []
  const members = all.filter(
    (target) =>
      isBy(author, target) && isOf(family, author, target) && target.facts.deprecated !== true,
  )
  const [first] = members
  if (!first)
    throw new GatewayError('model_not_found', {
      param: 'model',
      message: `No provider here has a model of the family ${family} by ${author}.`,
    })
  const newest = members.reduce((best, target) => (isNewer(target, best) ? target : best), first)
  return members.filter((target) => slugOf(author, target) === slugOf(author, newest))
}
