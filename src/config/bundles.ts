import * as v from 'valibot'
import type { Bundle } from './model.ts'
import type { Report } from './report.ts'

const namesSchema = v.record(v.string(), v.unknown())

const nameWords = 'expected a name of letters, digits, "-" and "_"'

/** What requests may be laid over, by name; each is checked for itself, so that all mistakes are found. */
export function toBundles(
  section: 'variants' | 'presets',
  schema: v.GenericSchema<unknown, Bundle>,
  root: unknown,
  report: Report,
): ReadonlyMap<string, Bundle> {
  const value: unknown = typeof root === 'object' && root !== null ? Reflect.get(root, section) : {}
  const written = report.check(namesSchema, value ?? {}, [section]) ?? {}
  const bundles = new Map<string, Bundle>()
  for (const [name, bundle] of Object.entries(written)) {
    const at = [section, name]
    if (!/^[\w-]+$/.test(name)) report.complain(at, nameWords, 'key')
    const checked = report.check(schema, bundle ?? {}, at)
    if (checked) bundles.set(name, checked)
  }
  return bundles
}
