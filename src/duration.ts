import * as v from 'valibot'

const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const

/** `500ms`, `5s`, `2m`, `1h`, or a number of seconds; comes out as milliseconds. */
export const duration = v.pipe(
  v.union(
    [v.pipe(v.number(), v.minValue(0)), v.pipe(v.string(), v.regex(/^\d+(\.\d+)?(ms|s|m|h)$/))],
    'expected a duration such as 500ms, 5s, 2m or 1h',
  ),
  v.transform((written): number => {
    if (typeof written === 'number') return written * 1_000
    const [, amount, unit] = /^([\d.]+)(ms|s|m|h)$/.exec(written) ?? []
    return Number(amount) * milliseconds[unit as keyof typeof milliseconds]
  }),
)
