import type { Preferences } from '../../preferences.ts'

/** Preferences of all scopes together. */
export interface Rules extends Preferences {
  /** The `only` of each scope that has one: a provider must be in all of them. */
  readonly allowed: readonly (readonly string[])[]
}

type Prices = NonNullable<Preferences['max_price']>

const lower = (one: Prices, other: Prices): Prices => {
  const merged: Record<string, number | null | undefined> = { ...one }
  for (const [name, price] of Object.entries(other)) {
    const known = merged[name]
    if (price !== null && price !== undefined)
      merged[name] = known === null || known === undefined ? price : Math.min(known, price)
  }
  return merged
}

/** A partition without an order divides by what the wider scope sorts by. */
const sortedBy = (wide: Preferences['sort'], near: Preferences['sort']): Preferences['sort'] => {
  if (!wide || typeof near !== 'object' || near === null || near.by) return near
  return { ...near, by: typeof wide === 'string' ? wide : wide.by }
}

const laidOver = (wide: Rules, near: Preferences): Rules => {
  const said = Object.entries(near).filter(([, value]) => value !== null && value !== undefined)
  const { max_price, ignore } = near
  return {
    ...wide,
    ...Object.fromEntries(said),
    ...(near.sort && { sort: sortedBy(wide.sort, near.sort) }),
    allowed: near.only ? [...wide.allowed, near.only] : wide.allowed,
    ...(wide.ignore && ignore && { ignore: [...wide.ignore, ...ignore] }),
    ...(wide.zdr && { zdr: true }),
    ...(wide.enforce_distillable_text && { enforce_distillable_text: true }),
    ...(wide.data_collection === 'deny' && { data_collection: 'deny' as const }),
    ...(wide.max_price && max_price && { max_price: lower(wide.max_price, max_price) }),
  }
}

const none: Rules = { allowed: [] }

/**
 * The preferences of all scopes, the widest first, laid over one another. Who is nearer to the request wins, but for what
 * keeps prompts and money in bounds: that can only be tightened.
 */
export const rulesOf = (scopes: readonly (Preferences | undefined)[]): Rules => {
  let rules = none
  for (const scope of scopes) if (scope) rules = laidOver(rules, scope)
  return rules
}
