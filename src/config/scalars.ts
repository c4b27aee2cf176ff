import * as v from 'valibot'

/** The longest timer that does not overflow and fire at once. */
const MAX_TIMER = 2_147_483_647

const duration_words = 'expected a duration such as 500ms, 5s, 2m or 1h (a bare number is seconds)'
const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds, from `500ms`, `5s`, `2m`, `1h` or a number of seconds; 0 is allowed. */
export const durationOrZero = v.pipe(
  v.union(
    [v.number(), v.pipe(v.string(), v.regex(/^\d+(?:\.\d+)?(?:ms|s|m|h)?$/, duration_words))],
    duration_words,
  ),
  v.transform((written) => Math.round(measure(written, 's', MILLISECONDS))),
  v.minValue(0, 'expected a duration that is not negative'),
  v.maxValue(MAX_TIMER, 'expected a duration of at most 24 days'),
)

/** Milliseconds above 0, written like `durationOrZero`. */
export const duration = v.pipe(durationOrZero, v.minValue(1, 'expected a duration above 0'))

const size_words = 'expected a size such as 512kb or 20mb (a bare number is bytes)'
const BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 }

/** Bytes, from `512kb`, `20mb`, `1gb` (powers of 1024) or a number. */
export const size = v.pipe(
  v.union(
    [v.number(), v.pipe(v.string(), v.regex(/^\d+(?:\.\d+)?(?:b|kb|mb|gb)?$/i, size_words))],
    size_words,
  ),
  v.transform((written) => Math.round(measure(written, 'b', BYTES))),
  v.minValue(1, 'expected a size above 0'),
  v.maxValue(Number.MAX_SAFE_INTEGER, 'expected a smaller size'),
)

/** A whole number from 1. */
export const count = v.pipe(
  v.number('expected a whole number'),
  v.integer('expected a whole number'),
  v.minValue(1, 'expected a number above 0'),
  v.maxValue(Number.MAX_SAFE_INTEGER, 'expected a smaller number'),
)

export const port = v.pipe(
  v.number('expected a port from 0 to 65535'),
  v.integer('expected a port from 0 to 65535'),
  v.minValue(0, 'expected a port from 0 to 65535'),
  v.maxValue(65535, 'expected a port from 0 to 65535'),
)

const key_words = 'has spaces, line breaks or letters that no header can carry'

/** A key, or the JSON of a Google account or `file:` and its path; surrounding white space is an accident and goes away. */
export const credential = v.pipe(
  v.string('expected a key in quotes'),
  v.trim(),
  v.nonEmpty('is empty'),
  v.regex(/^(?:[\x21-\x7e]*|\{[^]*\}|file:.+)$/, key_words),
)

function measure(
  written: number | string,
  bare: string,
  units: Readonly<Record<string, number>>,
): number {
  const [, digits = '', unit = ''] = /^([-\d.e+]+)([a-z]*)$/i.exec(String(written)) ?? []
  return Number(digits) * (units[unit.toLowerCase() || bare] ?? Number.NaN)
}
