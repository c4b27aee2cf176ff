export interface Share {
  /** Of the calls of the last ten seconds. */
  readonly ratio: number
  /** How many there may be besides. */
  readonly min: number
}

/** Milliseconds. */
const span = 10_000

/** Limits what is sent besides the calls themselves to a share of them, and a few more. */
export const createBudget = ({ ratio, min }: Share) => {
  let began = performance.now()
  let calls = 0
  let taken = 0
  const turn = () => {
    if (performance.now() - began < span) return
    began = performance.now()
    calls = 0
    taken = 0
  }
  return {
    called() {
      turn()
      calls++
    },
    take(): boolean {
      turn()
      if (taken >= min + calls * ratio) return false
      taken++
      return true
    },
  }
}

export type Budget = ReturnType<typeof createBudget>
