/** A typed name for something that all copies of one call share. */
export interface Key<T> {
  readonly name: string
  readonly initial: () => T
}

export const key = <T>(name: string, initial: () => T): Key<T> => ({ name, initial })

/** What plugins and handlers tell each other about one call; the only thing of a call that changes. */
export class Vars {
  readonly #values = new Map<unknown, unknown>()

  /** The value, made by the key's `initial` when nobody has set it. */
  get<T>(key: Key<T>): T {
    if (!this.#values.has(key)) this.#values.set(key, key.initial())
    return this.#values.get(key) as T
  }

  set<T>(key: Key<T>, value: T): void {
    this.#values.set(key, value)
  }
}

export type Handler<Call, Chunk> = (call: Call) => AsyncIterable<Chunk>

/** `next` may be called never, once or many times, each time with the call or a changed copy of it. */
export type Middleware<Call, Chunk> = (
  call: Call,
  next: Handler<Call, Chunk>,
) => AsyncIterable<Chunk>

/** One handler out of many: the first middleware is the outermost. */
export const compose = <Call, Chunk>(
  middlewares: readonly Middleware<Call, Chunk>[],
  innermost: Handler<Call, Chunk>,
): Handler<Call, Chunk> =>
  middlewares.reduceRight<Handler<Call, Chunk>>(
    (next, middleware) => (call) => middleware(call, next),
    innermost,
  )
