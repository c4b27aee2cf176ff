import { duration, v } from 'sluice/plugin'
import { action, answerAction, type Action } from './actions.ts'
import { finderOptions, kinds } from './find.ts'

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
  recognise_time: v.optional(duration, '5s'),
  ...finderOptions,
})

export type Options = v.InferOutput<typeof options>

/** The kinds that there are: ours and the user's. */
const known = ({ words, patterns }: Options): readonly string[] => [
  ...kinds,
  ...Object.keys(words),
  ...Object.keys(patterns),
]

export interface Kinds {
  readonly actionOf: (kind: string) => Action
  /** Those with an action, for requests and for answers. */
  readonly asked: readonly string[]
  readonly answered: readonly string[]
}

/** What is done about which kind. Throws where a kind is named that there is not. */
export const kindsOf = (settings: Options): Kinds => {
  const all = known(settings)
  const named = { kinds: Object.keys(settings.kinds), answers: Object.keys(settings.answers) }
  for (const [option, names] of Object.entries(named))
    for (const name of names)
      if (!all.includes(name))
        throw new Error(`${option}.${name}: no kind of that name; there are ${all.join(', ')}`)
  const actionOf = (kind: string): Action => settings.kinds[kind] ?? settings.action
  return {
    actionOf,
    asked: all.filter((kind) => actionOf(kind) !== 'off'),
    answered: all.filter((kind) => (settings.answers[kind] ?? 'off') !== 'off'),
  }
}
