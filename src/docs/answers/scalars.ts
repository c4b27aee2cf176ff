import * as v from 'valibot'

export const count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const seconds = v.pipe(v.number(), v.integer(), v.description('Unix time in seconds.'))

/** A text, in words. */
export const text = (description: string) => v.pipe(v.string(), v.description(description))

/** A count, in words. */
export const tokens = (description: string) => v.pipe(count, v.description(description))

export const provider = v.optional(text('Who served it.'))
