import type { Usage } from './chat.ts'
import { isObject, type Fields } from './fields.ts'

const added = (before: unknown, more: unknown): unknown => {
  if (typeof before === 'number' && typeof more === 'number') return before + more
  if (isObject(before) && isObject(more)) return sumFields(before, more)
  if (typeof before === 'boolean' && typeof more === 'boolean') return before || more
  return more ?? before
}

const sumFields = (before: Fields, more: Fields): Fields => ({
  ...before,
  ...Object.fromEntries(
    Object.entries(more).map(([name, value]) => [name, added(before[name], value)]),
  ),
})

/** What several answers took together. */
export const sumOf = (before: Usage | undefined, more: Usage | undefined): Usage | undefined =>
  before && more ? (sumFields(before, more) as Usage) : (more ?? before)
