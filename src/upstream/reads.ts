import { GatewayError } from '../errors.ts'

const utf8 = new TextDecoder()

/** The most that a whole answer may have, in bytes. */
export const largestBody = 64 * 1024 * 1024

export type Reads = AsyncIterableIterator<Uint8Array>

/** Milliseconds and bytes that the end of a body may take after its last event. */
const lingerTime = 1_000
const lingerBytes = 64 * 1024

interface Reader {
  read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>
  cancel(): Promise<void>
}

/** Reads a body that has said all to its end, so that its connection can be used again. */
const linger = async (reader: Reader): Promise<void> => {
  const timer = setTimeout(() => reader.cancel().catch(() => undefined), lingerTime)
  try {
    for (let size = 0; size < lingerBytes;) {
      const { done, value } = await reader.read()
      if (done) return
      size += value?.byteLength ?? 0
    }
    await reader.cancel()
  } catch {
    // whoever broke it off has closed the connection
  } finally {
    clearTimeout(timer)
  }
}

/** A body's network reads, each noticed by the watch; `return` leaves the rest unread. */
export const readsOf = (body: ReadableStream<Uint8Array> | null, touch: () => void): Reads => {
  const reader = body?.getReader()
  let ended = reader === undefined
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      if (!reader) return { done: true, value: undefined }
      const { done, value } = await reader.read()
      touch()
      ended = done
      return done ? { done: true, value: undefined } : { done: false, value }
    },
    async return() {
      if (reader && !ended) void linger(reader)
      return { done: true, value: undefined }
    },
  }
}

/** The reads with one that was already taken back in front. */
export const withFirst = (first: Uint8Array, rest: Reads): Reads => {
  let taken = false
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    next: () => {
      if (taken) return rest.next()
      taken = true
      return Promise.resolve({ done: false, value: first })
    },
    return: () => rest.return?.() ?? Promise.resolve({ done: true, value: undefined }),
  }
}

/**
 * Everything as text. A body within its limit only: above it, `upstream_response_too_large`, or with `cut` what fits.
 * @param limit bytes
 */
export const readText = async (reads: Reads, limit: number, cut = false): Promise<string> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of reads) {
    size += part.byteLength
    if (size > limit) {
      if (cut) break
      throw new GatewayError('upstream_response_too_large')
    }
    parts.push(part)
  }
  const [only] = parts
  return utf8.decode(parts.length === 1 && only ? only : Buffer.concat(parts))
}
