import type { Fields } from '../../fields.ts'
/** A member by its key, or an element of a list by its `name`. */
export type Step = string | { readonly name: string }
export type Path = readonly Step[]

/** A kind of file whose values can be changed while everything else in it stays as it is. */
export interface Format {
  /** What the text says; throws `Broken` where it says nothing. */
  read(text: string): unknown
  set(text: string, path: Path, value: unknown): string
  /** Leaves a text as it is that has nothing there. */
  remove(text: string, path: Path): string
}

/** A file that cannot be understood; it is never written. */
export class Broken extends Error {
  readonly line: number
  /** `line` counts from 1. */
  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const lineAt = (text: string, offset: number): number =>
  text.slice(0, offset).split('\n').length

export const written = (path: Path): string =>
  path.map((step) => (typeof step === 'string' ? step : step.name)).join('.')

export function valueAt(value: unknown, path: Path): unknown {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (typeof step === 'string') {
    return isFields(value) && Object.hasOwn(value, step) ? valueAt(value[step], rest) : undefined
  }
  if (!Array.isArray(value)) return undefined
  return valueAt(
    value.find((item) => isFields(item) && item.name === step.name),
    rest,
  )
}

/** A copy with the value at the path, or without it for `undefined`. */
export function valueWith(value: unknown, path: Path, put: unknown): unknown {
  const [step, ...rest] = path
  if (step === undefined) return put
  if (typeof step === 'string') {
    const fields = isFields(value) ? value : {}
    const next = valueWith(Object.hasOwn(fields, step) ? fields[step] : undefined, rest, put)
    if (next !== undefined) return { ...fields, [step]: next }
    return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== step))
  }
  const items: readonly unknown[] = Array.isArray(value) ? value : []
  const index = items.findIndex((item) => isFields(item) && item.name === step.name)
  const next = valueWith(items[index], rest, put)
  if (next === undefined) return items.filter((_, at) => at !== index)
  return index < 0 ? [...items, next] : items.with(index, next)
}
