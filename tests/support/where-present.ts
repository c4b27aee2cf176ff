import { describe } from 'bun:test'

/**
 * `describe` for what needs something that this machine has, and others have not. CI counts a skipped test as a failure,
 * so that there it is not registered; everywhere else it is skipped and said so.
 */
export const describeWhere = (present: boolean): typeof describe | typeof describe.skip => {
  if (present) return describe
  return process.env.CI === 'true' ? ((() => {}) as unknown as typeof describe) : describe.skip
}
