/**
 * Who waits, in the order in which they are served: the callers in turn, each caller's own in the order they came. One
 * with a thousand waiting does not hold back another's first.
 */
export class Queue<Waiter> {
  /** By caller; who is next stands first. */
  readonly #lines = new Map<string, Set<Waiter>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  join(caller: string, waiter: Waiter): void {
    const line = this.#lines.get(caller)
    if (line) line.add(waiter)
    else this.#lines.set(caller, new Set([waiter]))
    this.#size++
  }

  /** Who is next; undefined when nobody waits. */
  first(): Waiter | undefined {
    for (const [, line] of this.#lines) for (const waiter of line) return waiter
    return undefined
  }

  /** Takes out who is next; its caller's turn comes again after all others'. */
  shift(): Waiter | undefined {
    for (const [caller, line] of this.#lines)
      for (const waiter of line) {
        this.#lines.delete(caller)
        line.delete(waiter)
        if (line.size > 0) this.#lines.set(caller, line)
        this.#size--
        return waiter
      }
    return undefined
  }

  /** Takes out one that gives up, if it waits; the turns of the others stay as they are. */
  leave(caller: string, waiter: Waiter): boolean {
    const line = this.#lines.get(caller)
    if (!line?.delete(waiter)) return false
    if (line.size === 0) this.#lines.delete(caller)
    this.#size--
    return true
  }

  /** Where one stands, from 1; 0 when it does not wait. */
  position(caller: string, waiter: Waiter): number {
    const own = [...(this.#lines.get(caller) ?? [])].indexOf(waiter)
    if (own === -1) return 0
    let position = own + 1
    let before = 1
    for (const [other, line] of this.#lines)
      if (other === caller) before = 0
      else position += Math.min(line.size, own + before)
    return position
  }

  /** All of them, in the order in which they are served if nobody else comes. */
  all(): readonly Waiter[] {
    const lines = [...this.#lines.values()].map((line) => [...line])
    const longest = Math.max(0, ...lines.map(({ length }) => length))
    const rounds = Array.from({ length: longest }, (_, round) =>
      lines.flatMap((line) => line.slice(round, round + 1)),
    )
    return rounds.flat()
  }
}
