import type { GenericSchema } from 'valibot'
import type { Path } from './model.ts'
import { didYouMean } from '../nearest.ts'

/** A mistake in the shape of a value that valibot stops at or lets pass. */
export interface Surplus {
  readonly path: Path
  readonly message: string
  readonly part: 'key' | 'value'
}

/** The parts of a valibot schema that say where its keys are. */
interface Shape {
  readonly type: string
  readonly entries?: Readonly<Record<string, Shape>>
  readonly rest?: Shape
  readonly wrapped?: Shape
  readonly item?: Shape
  readonly items?: readonly Shape[]
  readonly value?: Shape
  readonly options?: readonly Shape[]
}

/**
 * All unknown keys (valibot tells of one, or drops them), and lists in place of mappings.
 * @param beside keys that may stand beside those of the schema, for who has mistyped one
 */
export function surplusOf(
  schema: GenericSchema,
  value: unknown,
  path: Path = [],
  beside: readonly string[] = [],
): Surplus[] {
  return inShape(schema as unknown as Shape, value, path, beside)
}

function inShape(
  shape: Shape,
  value: unknown,
  path: Path,
  beside: readonly string[] = [],
): Surplus[] {
  if (typeof value !== 'object' || value === null) return []
  if (shape.wrapped) return inShape(shape.wrapped, value, path, beside)
  if (shape.options) return inUnion(shape.options, value, path)
  if (Array.isArray(value)) return inList(shape, value, path)
  const entries = Object.entries(value)
  if (shape.type === 'record') return entries.flatMap((entry) => inRecord(shape, entry, path))
  const known = shape.entries
  if (!known) return []
  return entries.flatMap(([key, item]) => {
    const at = [...path, key]
    const inner = Object.hasOwn(known, key) ? known[key] : shape.rest
    if (inner) return inShape(inner, item, at)
    if (shape.type === 'loose_object' || shape.rest) return []
    const message = `unknown key ${JSON.stringify(key)}${didYouMean(key, [...Object.keys(known), ...beside])}`
    return [{ path: at, message, part: 'key' as const }]
  })
}

function inList(shape: Shape, list: readonly unknown[], path: Path): Surplus[] {
  if (shape.entries || shape.type === 'record') {
    return [{ path, message: 'expected a mapping, got a list', part: 'value' }]
  }
  return list.flatMap((item, index) => {
    const inner = shape.items?.[index] ?? shape.item
    return inner ? inShape(inner, item, [...path, index]) : []
  })
}

/** The alternative that a value fits best is the one that was meant. */
function inUnion(options: readonly Shape[], value: object, path: Path): Surplus[] {
  const fitting = options.filter((option) => isContainer(option, Array.isArray(value)))
  return (
    fitting
      .map((option) => inShape(option, value, path))
      .reduce<Surplus[] | undefined>((best, next) => {
        return best && best.length <= next.length ? best : next
      }, undefined) ?? []
  )
}

function isContainer(shape: Shape, list: boolean): boolean {
  if (shape.wrapped) return isContainer(shape.wrapped, list)
  if (shape.options) return shape.options.some((option) => isContainer(option, list))
  return list
    ? Boolean(shape.item ?? shape.items)
    : Boolean(shape.entries ?? shape.type === 'record')
}

function inRecord(shape: Shape, [key, value]: [string, unknown], path: Path): Surplus[] {
  const at = [...path, key]
  // valibot leaves these keys out of a record without a word
  if (/^(?:__proto__|prototype|constructor)$/.test(key)) {
    return [{ path: at, message: `${JSON.stringify(key)} cannot be a name`, part: 'key' }]
  }
  return shape.value ? inShape(shape.value, value, at) : []
}
