import { GatewayError } from '../errors.ts'

export interface ReadBytes {
  readonly bytes: Uint8Array
  /** There was more than the limit. */
  readonly cut: boolean
}

/** A body up to its limit of bytes; the rest is never read. */
export const readBytes = async ({ body }: Response, limit: number): Promise<ReadBytes> => {
  const parts: Uint8Array[] = []
  let size = 0
  // leaving the loop cancels the body
  for await (const part of body ?? []) {
    parts.push(part.subarray(0, limit - size))
    size += part.byteLength
    if (size > limit) return { bytes: Buffer.concat(parts), cut: true }
  }
  return { bytes: Buffer.concat(parts), cut: false }
}

/** Aborts when the time is up or the signal does. @param time milliseconds */
export const within = (time: number, signal?: AbortSignal): AbortSignal => {
  const timeout = AbortSignal.timeout(time)
  return signal ? AbortSignal.any([signal, timeout]) : timeout
}

/** Why nothing was read, in words that give nothing away. */
export const unread = (message: string, wireCode = 'page_not_read'): GatewayError =>
  new GatewayError('invalid_request_error', { message, wireCode })
