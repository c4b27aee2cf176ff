/** Billionths of a dollar, whole: what money is counted in. Exact up to nine million dollars. */
export type Nanos = number

/** Prices are read to the trillionth of a dollar, so that none is off by what binary fractions cannot say. */
const steps = 1e12
const million = 1_000_000n

/** An amount before it is rounded, in millionths of a trillionth of a dollar. */
export type Exact = bigint

/** So many tokens at dollars for a million. */
export const ofTokens = (tokens: number, dollarsPerMillion: number): Exact =>
  BigInt(Math.ceil(tokens)) * BigInt(Math.round(dollarsPerMillion * steps))

/** So many things at dollars for each. */
export const ofEach = (count: number, dollars: number): Exact => ofTokens(count, dollars) * million

const inNano = 1_000_000_000n

export const roundedUp = (exact: Exact): Nanos => Number((exact + inNano - 1n) / inNano)

/** Fractions of a billionth are rounded up. */
export const toNanos = (dollars: number): Nanos => roundedUp(ofEach(1, dollars))

export const toDollars = (nanos: Nanos): number => nanos / 1e9
