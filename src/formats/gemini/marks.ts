/** What a canonical value was in Gemini's own words; copies of it know it too. */
const mark = Symbol('gemini')

/** The value, which from now on knows where it comes from. */
export const marked = <T extends object>(value: T, origin: object): T => ({
  ...value,
  [mark]: origin,
})

/** What the value was marked with; the caller says what its own marks are. */
export const originOf = <Origin extends object>(value: unknown): Origin | undefined =>
  typeof value === 'object' && value !== null
    ? (Reflect.get(value, mark) as Origin | undefined)
    : undefined
