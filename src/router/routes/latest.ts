import { GatewayError } from '../../errors.ts'
import type { Target } from './target.ts'

const written = /^~([^/\s]+)\/(.+)-latest$/

/** Numbers inside names count as numbers: 4.10 is after 4.9. */
const { compare } = new Intl.Collator('en', { numeric: true })

const isBy = (author: string, { provider, endpoint }: Target): boolean =>
  endpoint.model.startsWith(`${author}/`) || provider.name === author || provider.preset === author

const slugOf = (author: string, { endpoint: { model } }: Target): string =>
  model.startsWith(`${author}/`) ? model.slice(author.length + 1) : model

/** By what the catalog calls the family; where nothing is called so, by how names begin. */
const ofFamily = (family: string, author: string, own: readonly Target[]): readonly Target[] => {
  const called = own.filter(({ facts }) => facts.family === family)
  return called.length > 0
    ? called
    : own.filter((target) => slugOf(author, target).startsWith(`${family}-`))
}

/** Dates, and what stands for one, at the end of a name. */
const dated = /-(?:20\d{2}-\d{2}-\d{2}|20\d{6}|\d{4})$/

/** The first number of a name as a version: 4.10 of `claude-4.10-sonnet-20260102`, also written 4-10. */
const versionOf = ({ endpoint: { model } }: Target): string =>
  /\d+(?:[.-]\d{1,2}(?!\d))*/.exec(model.replace(dated, ''))?.[0].replaceAll('-', '.') ?? ''

const byDate = (one: Target, other: Target): number =>
  (one.facts.created ?? 0) - (other.facts.created ?? 0)

/** Dates decide where all have one; some dates say less than the versions in the names. */
const isNewer = (one: Target, other: Target, areDated: boolean): boolean => {
  const steps = [
    areDated ? byDate(one, other) : 0,
    compare(versionOf(one), versionOf(other)),
    byDate(one, other),
    compare(one.endpoint.model, other.endpoint.model),
  ]
  return (steps.find((step) => step !== 0) ?? 0) > 0
}

/** Whether the name asks for the newest of a family, such as `~anthropic/claude-sonnet-latest`. */
export const asksForLatest = (name: string): boolean => written.test(name)

/**
 * All endpoints of the newest model of the family that the author has; by its date, else by the numbers in its name. Throws
 * `model_not_found`.
 */
export const latestOf = (name: string, all: readonly Target[]): readonly Target[] => {
  const [, author = '', family = ''] = written.exec(name) ?? []
  const own = all.filter((target) => isBy(author, target) && target.facts.deprecated !== true)
  const members = ofFamily(family, author, own)
  const [first] = members
  if (!first)
    throw new GatewayError('model_not_found', {
      param: 'model',
      message: `No provider here has a model of the family ${family} by ${author}.`,
    })
  const areDated = members.every(({ facts }) => facts.created !== undefined)
  const newest = members.reduce(
    (best, target) => (isNewer(target, best, areDated) ? target : best),
    first,
  )
  return own.filter((target) => slugOf(author, target) === slugOf(author, newest))
}
