import { Broken, isFields, valueAt, valueWith, written, type Format, type Path } from './format.ts'

export interface Setting {
  readonly path: Path
  readonly value: unknown
  /** Only where nothing stands yet. */
  readonly absent?: boolean
}

/** What was done to one value, so that it can be undone. */
export interface Change {
  readonly path: Path
  /** Missing when nothing stood there. */
  readonly before?: unknown
  readonly after: unknown
  /** How many steps of the path were there before. */
  readonly depth: number
}

export interface Edited {
  readonly text: string
  readonly changes: readonly Change[]
}

/** Makes the settings and nothing else, or throws `Broken`. */
export function apply(format: Format, text: string, settings: readonly Setting[]): Edited {
  return inLines(text, (given) => {
    let edited: Edited = { text: given, changes: [] }
    for (const { path, value, absent } of settings) {
      const data = format.read(edited.text)
      const before = valueAt(data, path)
      if (Bun.deepEquals(before, value) || (absent && before !== undefined)) continue
      const next = checked(format, edited.text, format.set(edited.text, path, value), path, value)
      const depth = path.findIndex((_, at) => valueAt(data, path.slice(0, at + 1)) === undefined)
      const change = { path, after: value, depth: depth < 0 ? path.length : depth }
      edited = {
        text: next,
        changes: [...edited.changes, before === undefined ? change : { ...change, before }],
      }
    }
    return edited
  })
}

export interface Retracted {
  readonly text: string
  /** Values that somebody changed since; they stay. */
  readonly kept: readonly string[]
}

/** Takes the changes back where they still stand. */
export function retract(format: Format, text: string, changes: readonly Change[]): Retracted {
  const kept: string[] = []
  const edited = inLines(text, (given) => {
    let next = given
    for (const change of changes.toReversed()) {
      const now = valueAt(format.read(next), change.path)
      if (now === undefined) continue
      if (!Bun.deepEquals(now, change.after)) kept.push(written(change.path))
      else next = takeBack(format, next, change)
    }
    return { text: next, changes: [] }
  })
  return { text: edited.text, kept }
}

function takeBack(format: Format, text: string, { path, before, depth }: Change): string {
  if (before !== undefined) {
    return checked(format, text, format.set(text, path, before), path, before)
  }
  let next = checked(format, text, format.remove(text, path), path, undefined)
  for (let length = path.length - 1; length > depth; length--) {
    const holder = path.slice(0, length)
    const left = valueAt(format.read(next), holder)
    const empty = Array.isArray(left) ? left.length === 0 : isFields(left) && isEmpty(left)
    if (!empty) break
    next = checked(format, next, format.remove(next, holder), holder, undefined)
  }
  return next
}

const isEmpty = (fields: object): boolean => Object.keys(fields).length === 0

/** The guarantee: whatever a format did to the text, no other value is another than before. */
function checked(format: Format, text: string, next: string, path: Path, value: unknown): string {
  const wanted = pruned(valueWith(format.read(text), path, value))
  let got: unknown
  try {
    got = pruned(format.read(next))
  } catch (cause) {
    if (!(cause instanceof Broken)) throw cause
    throw new Broken(cause.line, `${written(path)} cannot be set without changing other lines`)
  }
  if (Bun.deepEquals(got, wanted)) return next
  throw new Broken(1, `${written(path)} cannot be set without changing other values`)
}

/** Without empty objects, which some formats cannot write. */
function pruned(value: unknown): unknown {
  if (!isFields(value)) return value ?? {}
  const kept = Object.entries(value).map(([key, inner]) => [key, pruned(inner)] as const)
  return Object.fromEntries(kept.filter(([, inner]) => !(isFields(inner) && isEmpty(inner))))
}

/** Formats see plain newlines and no byte order mark; both come back as they were. */
function inLines(text: string, edit: (text: string) => Edited): Edited {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : ''
  const windows = text.includes('\r\n') && !/(?<!\r)\n/.test(text)
  const body = text.slice(mark.length)
  const edited = edit(windows ? body.replaceAll('\r\n', '\n') : body)
  const back = windows ? edited.text.replaceAll('\n', '\r\n') : edited.text
  return { ...edited, text: mark + back }
}
