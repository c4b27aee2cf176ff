/** A string that never prints itself: only `reveal()` gives it away. */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '***'
  }

  toJSON(): string {
    return '***'
  }

  [Symbol.toPrimitive](): string {
    return '***'
  }

  /** `console.log`, `util.inspect` and `Bun.inspect` ask for this one. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '***'
  }
}
