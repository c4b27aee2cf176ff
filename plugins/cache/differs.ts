import { stable } from './canonical.ts'
import type { Asked } from './cassette.ts'

/** Names of parameters; anything else may be the client's own words. */
const plain = /^[A-Za-z_]{1,40}$/

const inLists = (name: string, one: unknown, other: unknown): string[] => {
  if (!Array.isArray(one) || !Array.isArray(other)) return [name]
  const length = Math.max(one.length, other.length)
  return Array.from({ length }, (_, at) => at)
    .filter((at) => stable(one[at]) !== stable(other[at]))
    .map((at) => `${name}[${at}]`)
}

/** Where two requests differ, by the names of their fields and never by what stands there. */
export const differs = (one: Asked, other: Asked): readonly string[] => {
  const kinds = (['operation', 'format'] as const).filter((name) => one[name] !== other[name])
  const names = [...new Set([...Object.keys(one.request), ...Object.keys(other.request)])]
  const fields = names
    .filter((name) => stable(one.request[name]) !== stable(other.request[name]))
    .flatMap((name) =>
      plain.test(name) ? inLists(name, one.request[name], other.request[name]) : ['another field'],
    )
  return [...kinds, ...new Set(fields)]
}
