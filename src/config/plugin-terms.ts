import * as v from 'valibot'
import { isObject } from '../fields.ts'
import { describe } from './describe.ts'
import type { Path } from './model.ts'
import { duration } from './scalars.ts'

const names = v.array(v.pipe(v.string(), v.nonEmpty('is empty')))

/** What the YAML may say of any plugin, beside that plugin's own options. */
export const termsSchema = v.strictObject({
  enabled: describe(
    v.optional(v.boolean(), true),
    'false: only for requests that ask for it, by `plugins` or X-Sluice-Plugins.',
  ),
  for: describe(
    v.exactOptional(
      v.strictObject({
        models: describe(v.exactOptional(names), 'Models by name; "*" stands for any part.'),
        callers: describe(v.exactOptional(names), 'Keys of the auth plugin by name.'),
        tags: describe(
          v.exactOptional(v.record(v.string(), v.string())),
          'Tags that the key must have.',
        ),
      }),
    ),
    'Whose calls it sees; all by default.',
  ),
  on_error: describe(
    v.optional(v.picklist(['fail', 'skip']), 'fail'),
    'What happens to a call when the plugin itself fails; skip goes on without it.',
  ),
  time: describe(
    v.exactOptional(
      v.strictObject({
        request: describe(v.exactOptional(duration), 'Until it has passed the request on.'),
        chunk: describe(v.exactOptional(duration), 'For each piece of the answer.'),
      }),
    ),
    'How long it may take, providers’ time not counted.',
  ),
  overrides: describe(
    v.optional(v.union([v.boolean(), names], 'expected true, false or a list of options'), true),
    'Which of its options a request may set for itself (`plugins: [{ id, … }]`).',
  ),
})

export type PluginTerms = v.InferOutput<typeof termsSchema>

/** A plugin as the YAML lists it. */
export interface PluginEntry {
  /** As written: a bare name, a path or a package. */
  readonly name: string
  /** `{}` when the YAML gives none. */
  readonly options: unknown
  /** What holds of any plugin. */
  readonly terms: PluginTerms
  /** Where its options stand, e.g. `['plugins', 2, 'max-prompt']`. */
  readonly at: Path
}

/** Of a plugin of which nothing is said. */
export const usualTerms: PluginTerms = v.parse(termsSchema, {})

/** Keys that no plugin can have as options of its own. */
export const termNames: readonly string[] = Object.keys(termsSchema.entries)

const isTerm = (key: string): boolean => termNames.includes(key)

/** What stands below a plugin's name, apart: the terms of all plugins, and its own options. */
export const apart = (written: unknown): { readonly terms: object; readonly options: unknown } => {
  if (!isObject(written)) return { terms: {}, options: written }
  const keys = Object.keys(written)
  if (!keys.some(isTerm)) return { terms: {}, options: written }
  const pick = (which: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(written).filter(([key]) => which(key)))
  return { terms: pick(isTerm), options: pick((key) => !isTerm(key)) }
}
