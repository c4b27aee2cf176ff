import { hostOf, isOf } from 'sluice/plugin'
import type { Result, Wanted } from './wanted.ts'

/** Those results that may be shown, each address once; engines do not keep to all that they are told. */
export const allowed = (results: readonly Result[], { include, exclude }: Wanted): Result[] => {
  const known = new Set<string>()
  return results.filter(({ url }) => {
    if (!URL.canParse(url)) return false
    const at = new URL(url)
    if (at.protocol !== 'https:' && at.protocol !== 'http:') return false
    at.hash = ''
    if (known.has(at.href)) return false
    known.add(at.href)
    const isMeant = include.length === 0 || include.some((pattern) => isOf(at, pattern))
    return isMeant && !exclude.some((pattern) => isOf(at, pattern))
  })
}

/** The query with its domains, for engines that have no field for them. */
export const withSites = ({ query, include, exclude }: Wanted): string => {
  const meant = include.map((pattern) => `site:${hostOf(pattern)}`).join(' OR ')
  // a path excludes less than its host does: the results are looked through for it
  const not = exclude
    .filter((pattern) => !pattern.includes('/'))
    .map((one) => `-site:${hostOf(one)}`)
  return [query, ...(meant ? [include.length > 1 ? `(${meant})` : meant] : []), ...not].join(' ')
}
