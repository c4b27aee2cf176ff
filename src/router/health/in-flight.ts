/** What is being answered now, by endpoint. */
export class InFlight {
  readonly #running = new Map<string, number>()

  /** An attempt begins; what comes back tells its end. */
  enter(endpoint: string): () => void {
    this.#running.set(endpoint, this.at(endpoint) + 1)
    return () => {
      const left = this.at(endpoint) - 1
      if (left > 0) this.#running.set(endpoint, left)
      else this.#running.delete(endpoint)
    }
  }

  at(endpoint: string): number {
    return this.#running.get(endpoint) ?? 0
  }
}
