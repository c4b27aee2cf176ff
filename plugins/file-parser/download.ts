import { GatewayError, type Call, type Host } from 'sluice/plugin'
import { isText } from './files.ts'

export interface Download {
  readonly bytes: Uint8Array
  readonly kind: 'pdf' | 'text' | 'other'
}

const isPdf = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x25 && bytes[1] === 0x50 && bytes[2] === 0x44 && bytes[3] === 0x46

/** Undefined where there are more bytes than may be. */
const readBody = async (
  body: ReadableStream<Uint8Array> | null,
  most: number,
): Promise<Uint8Array | undefined> => {
  const pieces: Uint8Array[] = []
  let length = 0
  for await (const piece of body ?? []) {
    length += piece.length
    if (length > most) return undefined
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/** A file from its address, public ones only. @param most bytes @param timeout milliseconds */
export const download = async (
  address: string,
  place: string,
  call: Call,
  host: Host,
  { most, timeout }: { readonly most: number; readonly timeout: number },
): Promise<Download> => {
  const failed = (why: string): GatewayError =>
    new GatewayError('invalid_request_error', { param: place, message: `${place}: ${why}` })
  const controller = new AbortController()
  const abort = () => controller.abort()
  const timer = setTimeout(abort, timeout)
  call.signal.addEventListener('abort', abort, { once: true })
  try {
    const response = await host.fetch(host.leaving(address, call), { signal: controller.signal })
    if (!response.ok) {
      await response.body?.cancel()
      throw failed(`the file could not be fetched: ${response.status}.`)
    }
    const bytes = await readBody(response.body, most)
    if (!bytes)
      throw new GatewayError('payload_too_large', {
        param: place,
        message: `${place}: the file has more than ${most} bytes.`,
      })
    const [type = ''] = (response.headers.get('content-type') ?? '').toLowerCase().split(';')
    return { bytes, kind: isPdf(bytes) ? 'pdf' : isText(type) ? 'text' : 'other' }
  } catch (thrown) {
    if (call.signal.aborted) throw new GatewayError('client_closed')
    if (thrown instanceof GatewayError) throw thrown
    throw failed('the file could not be fetched.')
  } finally {
    clearTimeout(timer)
    call.signal.removeEventListener('abort', abort)
  }
}
