import { readBytes, within } from './bytes.ts'

/** A request to a service of the operator's. */
export interface ServiceRequest {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent by POST; without it, GET. */
  readonly json?: unknown
  /** Milliseconds until all of the answer must be there. */
  readonly timeout: number
  /** The most that the answer may have; 4 MB by default. */
  readonly bytes?: number
  readonly signal?: AbortSignal
}

export interface ServiceAnswer {
  readonly status: number
  readonly text: string
}

const mostBytes = 4 * 1024 * 1024
const utf8 = new TextDecoder()

/**
 * Asks a service whose address stands in the YAML: a search engine, a recogniser. Private addresses are allowed, redirects
 * are not followed. Rejects where it cannot be reached, takes too long or says too much.
 */
export const askService = async (
  url: string,
  { headers, json, timeout, bytes: limit = mostBytes, signal }: ServiceRequest,
): Promise<ServiceAnswer> => {
  if (!/^https?:\/\//i.test(url)) throw new Error('its address is not http')
  const response = await fetch(url, {
    headers: {
      accept: 'application/json',
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined && { method: 'POST', body: JSON.stringify(json) }),
    redirect: 'manual',
    signal: within(timeout, signal),
  })
  const { bytes, cut } = await readBytes(response, limit)
  if (cut) throw new Error('its answer is too large')
  return { status: response.status, text: utf8.decode(bytes) }
}
