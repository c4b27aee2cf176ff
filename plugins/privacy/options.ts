import { duration, v } from 'sluice/plugin'
import { action, answerAction, isStricter, type Action } from './actions.ts'
import { finderOptions, kindsWith } from './find.ts'

const off = v.union(
  [
    v.picklist(['on', 'off']),
    v.pipe(
      v.boolean(),
      v.transform((on) => (on ? ('on' as const) : ('off' as const))),
    ),
  ],
  'expected "on" or "off"',
)

export const options = v.strictObject({
  /** For every kind that `kinds` does not name. */
  action: v.optional(action, 'mask'),
  kinds: v.optional(v.record(v.string(), action), {}),
  answers: v.optional(v.record(v.string(), answerAction), {}),
  local: v.optional(off, 'on'),
  providers: v.optional(v.record(v.string(), off), {}),
  when_found: v.optional(
    v.strictObject({
      data_collection: v.exactOptional(v.literal('deny')),
      zdr: v.exactOptional(v.literal(true)),
    }),
    {},
  ),
  ...finderOptions,
  recogniser_time: v.optional(duration, '5s'),
})

export type Options = v.InferOutput<typeof options>

export interface Kinds {
  readonly actionOf: (kind: string) => Action
  /** Those with an action, for requests and for answers. */
  readonly asked: readonly string[]
  readonly answered: readonly string[]
}

/** What is done about which kind. Throws where a kind is named that there is not. */
export const kindsOf = (settings: Options): Kinds => {
  const all = kindsWith(settings)
  const named = { kinds: Object.keys(settings.kinds), answers: Object.keys(settings.answers) }
  for (const [option, names] of Object.entries(named))
    for (const name of names)
      if (!all.includes(name))
        throw new Error(`${option}.${name}: no kind of that name; there are ${all.join(', ')}`)
  const found = kindsWith({ ...settings, recogniser: undefined })
  const unseen = named.answers.find((name) => !found.includes(name))
  if (unseen !== undefined) throw new Error(`answers.${unseen}: a recogniser does not see answers`)
  const actionOf = (kind: string): Action => settings.kinds[kind] ?? settings.action
  return {
    actionOf,
    // where finds overlap, the strictest rules
    asked: all
      .filter((kind) => actionOf(kind) !== 'off')
      .sort(
        (one, other) =>
          Number(isStricter(actionOf(other), actionOf(one))) -
          Number(isStricter(actionOf(one), actionOf(other))),
      ),
    answered: all.filter((kind) => (settings.answers[kind] ?? 'off') !== 'off'),
  }
}
