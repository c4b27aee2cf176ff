import { Vars, type Key } from './pipeline.ts'

/** What one of several copies of a call tells, kept to itself until it is known to be the copy that counts. */
export class Fork extends Vars {
  readonly #shared: Vars
  readonly #own = new Map<Key<unknown>, unknown>()
  #joined = false

  constructor(shared: Vars) {
    super()
    this.#shared = shared
  }

  override get<T>(key: Key<T>): T {
    return this.#own.has(key) ? (this.#own.get(key) as T) : this.#shared.get(key)
  }

  override set<T>(key: Key<T>, value: T): void {
    if (this.#joined) this.#shared.set(key, value)
    else this.#own.set(key, value)
  }

  /** All that it has told, and will tell, is told to everybody. */
  join(): void {
    this.#joined = true
    for (const [key, value] of this.#own) this.#shared.set(key, value)
    this.#own.clear()
  }
}
