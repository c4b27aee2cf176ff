import { v } from 'sluice/plugin'
import { efforts } from './efforts.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(1))
const otherwise = v.optional(v.picklist(['downgrade', 'refuse']), 'downgrade')

export const options = v.strictObject({
  default: v.optional(v.picklist(['off', 'provider', ...efforts]), 'off'),
  allow: v.exactOptional(v.array(v.pipe(v.string(), v.nonEmpty('is empty')))),
  when_not_allowed: otherwise,
  max_effort: v.exactOptional(v.picklist(efforts)),
  max_tokens: v.exactOptional(count),
  think_tags: v.optional(
    v.union([v.boolean(), v.picklist(['auto', 'inside'])], 'expected auto, inside, true or false'),
    'auto',
  ),
  budget: v.exactOptional(
    v.strictObject({
      tokens: count,
      per: v.optional(v.picklist(['day']), 'day'),
      when_spent: otherwise,
    }),
  ),
})

export type Options = v.InferOutput<typeof options>
