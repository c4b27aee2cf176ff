import { GatewayError } from '../../errors.ts'

/** How a package sends. */
export type PackageFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

/** As the gateway sends: no redirects, no limits of its own on silence. */
export type Sender = (
  url: string,
  init: RequestInit & { headers: Record<string, string> },
) => Promise<Response>

/** Who wants to hear of arrivals, by the signal that the package was given for the call. */
const listeners = new WeakMap<AbortSignal, () => void>()

/** Calls back with every network read of requests that carry the signal. */
export const hear = (signal: AbortSignal, touch: () => void): void =>
  void listeners.set(signal, touch)

/** The most that a whole answer may have, in bytes. */
const largestBody = 64 * 1024 * 1024

const watched = (response: Response, touch: () => void): Response => {
  const reader = response.body?.getReader()
  if (!reader) return response
  const endless = response.headers.get('content-type')?.startsWith('text/event-stream') === true
  let size = 0
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read()
      touch()
      if (done) return controller.close()
      if (!endless) size += value.byteLength
      if (size > largestBody) throw new GatewayError('upstream_response_too_large')
      controller.enqueue(value)
    },
    cancel: (reason) => reader.cancel(reason),
  })
  const { status, statusText, headers } = response
  return new Response(body, { status, statusText, headers })
}

/** What packages send with instead of the global `fetch`. */
export const createFetch =
  (send: Sender): PackageFetch =>
  async (input, init = {}) => {
    const [url, request] =
      input instanceof Request
        ? [input.url, { method: input.method, headers: input.headers, body: input.body, ...init }]
        : [String(input), init]
    const signal = request.signal ?? (input instanceof Request ? input.signal : undefined)
    const headers = Object.fromEntries(new Headers(request.headers))
    const response = await send(url, { ...request, ...(signal && { signal }), headers })
    return watched(response, (signal && listeners.get(signal)) ?? (() => undefined))
  }
