import type { Range } from './blobs.ts'
import type { Hit } from './hit.ts'

/** In order; those that overlap as one, of the kind that comes first in `order`; without those inside data. */
export const join = (
  hits: readonly Hit[],
  order: readonly string[],
  data: readonly Range[],
): readonly Hit[] => {
  const rank = (hit: Hit): number => order.indexOf(hit.kind)
  const joined: Hit[] = []
  let blob = 0
  for (const hit of hits.toSorted((one, other) => one.start - other.start || other.end - one.end)) {
    while (data[blob] && (data[blob]?.[1] ?? 0) <= hit.start) blob++
    const [from = Infinity, to = 0] = data[blob] ?? []
    if (hit.kind !== 'secret' && from <= hit.start && hit.end <= to) continue
    const last = joined.at(-1)
    if (last && hit.start < last.end) {
      const kind = rank(hit) < rank(last) ? hit.kind : last.kind
      joined[joined.length - 1] = { kind, start: last.start, end: Math.max(last.end, hit.end) }
    } else joined.push(hit)
  }
  return joined
}
