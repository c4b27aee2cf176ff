import { GatewayError } from '../errors.ts'

/** The most that a whole answer may have, in bytes. */
export const largestBody = 64 * 1024 * 1024

export type Reads = AsyncIterableIterator<Uint8Array>

/** A body's network reads, each noticed by the watch; `return` cancels the body. */
export const readsOf = (body: ReadableStream<Uint8Array> | null, touch: () => void): Reads => {
  const reader = body?.getReader()
  return {
    [Symbol.asyncIterator]() {
      return this
    },
    async next() {
      if (!reader) return { done: true, value: undefined }
      const { done, value } = await reader.read()
      touch()
      return done ? { done: true, value: undefined } : { done: false, value }
    },
    async return() {
      await reader?.cancel().catch(() => undefined)
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
  return new TextDecoder().decode(parts.length === 1 && only ? only : Buffer.concat(parts))
}
