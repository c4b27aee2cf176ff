import { finished, GatewayError, type Batch } from 'sluice/plugin'

/** A batch of an answer, and milliseconds from the answer's first. */
export interface Timed {
  readonly batch: Batch
  readonly at: number
}

/** About the bytes that the batch holds. */
const sizeOf = ({ bytes, framed, plain, chunks }: Batch): number =>
  bytes?.byteLength ?? framed?.length ?? plain?.length ?? JSON.stringify(chunks).length

interface Reader {
  /** The number of the batch that it wants next. */
  at: number
  readonly fail: (error: GatewayError) => void
}

export interface FlightParts {
  readonly source: AsyncIterator<Batch>
  /** Stops the source. */
  readonly abort: (reason: unknown) => void
  /** Bytes that are kept of the answer; a longer one is handed on and forgotten. */
  readonly limit: number
  /** Told of bytes that are held and, below 0, let go of; whether all that is held has room. */
  readonly held: (bytes: number) => boolean
  /** Called once; with the whole answer where there is one, and it was not too long. */
  readonly ended: (answer: readonly Timed[] | undefined) => void
}

/**
 * One answer for all who want it at once. Who comes late gets what has come, then what comes. It is drawn by whoever is
 * furthest, and goes on as long as somebody listens.
 */
export class Flight {
  readonly #parts: FlightParts
  readonly #readers = new Set<Reader>()
  #came: Timed[] = []
  /** Batches that were forgotten. */
  #gone = 0
  #size = 0
  #whole = true
  #began = 0
  #drawing: Promise<void> | undefined
  #end: { readonly error?: unknown } | undefined

  constructor(parts: FlightParts) {
    this.#parts = parts
  }

  /** Whether who comes now can still have all of it. */
  get open(): boolean {
    return this.#whole && this.#end?.error === undefined
  }

  /** From now on nobody joins: only what current readers still need is kept. */
  close(): void {
    this.#whole = false
    this.#parts.held(-this.#size)
    this.#size = 0
  }

  #finish(error?: unknown): void {
    if (this.#end) return
    this.#end = error === undefined ? {} : { error }
    this.#parts.ended(error === undefined && this.#whole ? this.#came : undefined)
  }

  #take(batch: Batch): void {
    this.#began ||= performance.now()
    this.#came.push({ batch, at: Math.round(performance.now() - this.#began) })
    const size = sizeOf(batch)
    this.#size += size
    this.#parts.held(size)
    if (!this.#fits) this.#forget()
  }

  get #fits(): boolean {
    return this.#size <= this.#parts.limit && this.#parts.held(0)
  }

  /** Keeps what somebody has still to read; who is too far behind is cut off, so that nobody waits for them. */
  #forget(): void {
    this.#whole = false
    const readers = [...this.#readers].sort((one, other) => one.at - other.at)
    for (;;) {
      const slowest = readers[0]?.at ?? this.#gone + this.#came.length
      const read = this.#came.splice(0, slowest - this.#gone)
      this.#gone += read.length
      const size = read.reduce((sum, { batch }) => sum + sizeOf(batch), 0)
      this.#size -= size
      this.#parts.held(-size)
      if (this.#fits || readers.length < 2) return
      readers.shift()?.fail(new GatewayError('client_closed', { message: 'Read too slowly.' }))
    }
  }

  async #draw(): Promise<void> {
    try {
      const { done, value } = await this.#parts.source.next()
      if (done) this.#finish()
      else this.#take(value)
    } catch (error) {
      this.#finish(error)
    } finally {
      this.#drawing = undefined
    }
  }

  async #leave(reader: Reader, reason: unknown): Promise<void> {
    if (!this.#readers.delete(reader) || this.#readers.size > 0 || this.#end) return
    const drawing = this.#drawing
    this.#finish(new GatewayError('client_closed'))
    this.#parts.abort(reason)
    const left = this.#parts.source.return?.()
    // a source that is being drawn may take `return` only once its next batch has come
    if (drawing) void left?.catch(() => undefined)
    else await left
  }

  /** The answer from its beginning, for who is `open` to it. @param signal of the client who wants it */
  join(signal: AbortSignal): AsyncIterator<Batch> {
    const failed = Promise.withResolvers<never>()
    failed.promise.catch(() => undefined)
    const reader: Reader = { at: 0, fail: (error) => stop(error) }
    let stopped: GatewayError | undefined
    let ended = false
    const stop = (error: GatewayError, reason?: unknown): Promise<void> => {
      stopped ??= error
      failed.reject(stopped)
      signal.removeEventListener('abort', left)
      return this.#leave(reader, reason)
    }
    const left = () => void stop(new GatewayError('client_closed'), signal.reason)
    this.#readers.add(reader)
    if (signal.aborted) left()
    else signal.addEventListener('abort', left, { once: true })

    const next = async (): Promise<IteratorResult<Batch>> => {
      for (;;) {
        if (ended) return finished
        if (stopped) throw stopped
        const timed = this.#came[reader.at - this.#gone]
        if (timed) {
          reader.at++
          if (!this.#whole && !this.#end) this.#forget()
          return { done: false, value: timed.batch }
        }
        if (this.#end) {
          ended = true
          this.#readers.delete(reader)
          signal.removeEventListener('abort', left)
          if (this.#end.error !== undefined) throw this.#end.error
          return finished
        }
        this.#drawing ??= this.#draw()
        await Promise.race([this.#drawing, failed.promise])
      }
    }
    return {
      next,
      return: async () => {
        ended = true
        await stop(new GatewayError('client_closed'))
        return finished
      },
    }
  }
}
