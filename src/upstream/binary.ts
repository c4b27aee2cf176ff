import { parsed } from '../json.ts'
import { classify } from '../errors/classify.ts'
import { GatewayError } from '../errors.ts'
import type { Batch } from '../stream.ts'
import { largestBody, readText, withFirst, type Reads } from './reads.ts'

/** What may stand as the type of an answer that is bytes; a page is none. */
const binaryType = /^(audio\/[\w.+-]+|application\/octet-stream|text\/event-stream)(\s*;|$)/i

const brace = 123

async function* batchesOf(reads: Reads, type: string): AsyncGenerator<Batch> {
  for await (const bytes of reads)
    if (bytes.byteLength > 0)
      yield { chunks: [{ object: 'audio', data: [bytes], content_type: type }], bytes }
}

/** The first read that holds something. */
const firstOf = async (reads: Reads): Promise<Uint8Array> => {
  for (;;) {
    const { done, value } = await reads.next()
    if (done) throw new GatewayError('upstream_empty_response')
    if (value.byteLength > 0) return value
  }
}

/**
 * An answer that is bytes, a batch for each network read, taken as the client takes them. Throws GatewayError before the
 * first one for JSON, which is an error whatever the status says, and for anything that is no sound.
 */
export const readBinary = async (
  reads: Reads,
  headers: Headers,
  status: number,
): Promise<AsyncIterator<Batch>> => {
  const type = headers.get('content-type') ?? 'application/octet-stream'
  const isJson = /^application\/json/i.test(type)
  if (!isJson && !binaryType.test(type)) throw new GatewayError('upstream_invalid_response')
  const first = await firstOf(reads)
  // raw samples may look like anything, but not like a whole error
  if (isJson || (first[0] === brace && Number(headers.get('content-length') ?? 0) < 65_536)) {
    const begins = new TextDecoder().decode(first.subarray(0, 16)).replace(/\s/g, '')
    if (isJson || begins.startsWith('{"')) {
      const text = await readText(withFirst(first, reads), largestBody)
      const body = parsed(text)
      throw typeof body === 'object' && body !== null && 'error' in body
        ? classify({ status, headers, body })
        : new GatewayError('upstream_invalid_response')
    }
  }
  return batchesOf(withFirst(first, reads), type)
}
