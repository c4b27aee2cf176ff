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

const written = v.strictObject({
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

export type Options = v.InferOutput<typeof written>

/** What is wrong with a kind that is named there. */
const mistakeIn = (settings: Options, option: 'kinds' | 'answers', kind: string) => {
  const all = kindsWith(settings)
  if (!all.includes(kind)) return `no kind of that name; there are ${all.join(', ')}`
  const found = kindsWith({ ...settings, recogniser: undefined })
  return option === 'answers' && !found.includes(kind) ? 'a recogniser does not see answers' : ''
}

export const options = v.pipe(
  written,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    const { value: settings } = dataset
    for (const option of ['kinds', 'answers'] as const)
      for (const [kind, value] of Object.entries(settings[option])) {
        const message = mistakeIn(settings, option, kind)
        if (message === '') continue
        const at = { type: 'object', origin: 'value' } as const
        addIssue({
          message,
          path: [
            { ...at, input: { ...settings }, key: option, value: settings[option] },
            { ...at, input: { ...settings[option] }, key: kind, value },
          ],
        })
      }
  }),
)

export interface Kinds {
  readonly actionOf: (kind: string) => Action
  /** Those with an action, for requests and for answers. */
  readonly asked: readonly string[]
  readonly answered: readonly string[]
}

/** What is done about which kind. */
export const kindsOf = (settings: Options): Kinds => {
  const all = kindsWith(settings)
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
