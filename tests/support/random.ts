export interface Random {
  /** From 0 up to but not including 1. */
  (): number
  pick<T>(from: readonly T[]): T
}

/** Random numbers that a seed repeats (mulberry32). */
export const createRandom = (seed: number): Random => {
  let state = seed >>> 0
  const random = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
  return Object.assign(random, {
    pick: <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T,
  })
}
