import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { byPath } from './scripts.ts'
import { readRequests, type RequestHead } from './wire.ts'

/** One request as it arrived, and what became of it. */
export interface ProviderRequest extends RequestHead {
  readonly body: string
  /** The parsed body; undefined when there was none. */
  readonly json: any
  /** Everything of the answer's body that was handed to the kernel, before any content coding. */
  readonly sent: string
  /** The gateway left before the answer was complete. */
  readonly aborted: boolean
  /** Settles when the answer is complete or the connection is gone. */
  readonly closed: Promise<void>
}

/** What a script does with one request. Every write waits for the kernel and throws `Gone` once the peer has left. */
export interface Exchange {
  readonly request: ProviderRequest
  /** Status line and headers. The body is framed by `content-length` or `connection: close` when given, else chunked. */
  head(status: number, headers?: Readonly<Record<string, string>>): Promise<void>
  /** One piece of the body, in a network write of its own. */
  body(piece: string | Uint8Array): Promise<void>
  /** Completes the body; the connection stays open unless the framing is `connection: close`. */
  end(): Promise<void>
  /** Bytes past all framing. */
  raw(bytes: string | Uint8Array): Promise<void>
  /** FIN. */
  close(): void
  /** RST. */
  reset(): void
  /** Settles when the peer has gone: what a stalling script waits for. */
  readonly gone: Promise<void>
}

export type Script = (exchange: Exchange) => Promise<void> | void

/** The peer left while a script was still writing. */
export class Gone extends Error {
  override readonly name = 'Gone'
}

export interface ProviderOptions {
  /** Told in default answers: "Hello from a". */
  readonly name?: string
  /** Where to listen; by default where nobody does. */
  readonly port?: number
  /** Serves https with this certificate. */
  readonly tls?: { readonly key: string; readonly cert: string }
}

export interface Provider {
  readonly name: string
  readonly port: number
  /** `http://127.0.0.1:PORT/v1` */
  readonly url: string
  /** Every request in order of arrival; `GET /v1/models` is kept apart in `listings`, for the daemon asks by itself. */
  readonly requests: ProviderRequest[]
  readonly listings: ProviderRequest[]
  /** Connections that were accepted, ever. */
  readonly connections: number
  /** Requests that are being answered now. */
  readonly open: number
  /** Scripts for the following POST requests, one each; afterwards `always` holds again. */
  next(...scripts: Script[]): void
  /** What to do when no script is queued; the start value answers every known path as a healthy provider. */
  always(script: Script): void
  stop(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The first byte of a TLS client: a plain server answers it as nginx does. */
const tlsHandshake = 0x16
const notHttp = 'HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'

/** A provider that does what a script says, down to the byte: HTTP/1.1 on a raw socket, keep-alive, one request at a time. */
export const startProvider = async (options: ProviderOptions = {}): Promise<Provider> => {
  const name = options.name ?? 'provider'
  const sockets = new Set<Socket>()
  const requests: ProviderRequest[] = []
  const listings: ProviderRequest[] = []
  const queue: Script[] = []
  let fallback: Script = byPath(name)
  let open = 0
  let connections = 0

  const serve = async (socket: Socket): Promise<void> => {
    connections++
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    socket.once('data', (first: Buffer) => {
      if (first[0] === tlsHandshake) socket.end(notHttp)
    })
    for await (const { head, body } of readRequests(socket)) {
      const listing = head.method === 'GET'
      const { request, exchange, settle } = createExchange(socket, head, body)
      const script = listing ? byPath(name) : (queue.shift() ?? fallback)
      ;(listing ? listings : requests).push(request)
      open++
      try {
        await script(exchange)
      } catch (error) {
        if (!(error instanceof Gone)) {
          console.error(`the script of provider ${name} failed:`, error)
          socket.resetAndDestroy()
        }
      } finally {
        open--
        settle()
      }
    }
  }

  const accept = (socket: Socket): void => void serve(socket)
  const server: Server = options.tls ? createTlsServer(options.tls, accept) : createServer(accept)
  await new Promise<void>((listening) => server.listen(options.port ?? 0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }

  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    await new Promise<void>((stopped) => server.close(() => stopped()))
  }

  return {
    name,
    port,
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/v1`,
    requests,
    listings,
    get connections() {
      return connections
    },
    get open() {
      return open
    },
    next: (...scripts) => void queue.push(...scripts),
    always: (script) => void (fallback = script),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

const createExchange = (socket: Socket, head: RequestHead, body: string) => {
  let framing: 'length' | 'close' | 'chunked' = 'chunked'
  let complete = false
  let left = false
  const sent: string[] = []
  const decoder = new TextDecoder()
  const { promise: closed, resolve: settleClosed } = Promise.withResolvers<void>()
  const { promise: gone, resolve: settleGone } = Promise.withResolvers<void>()

  const onClose = (): void => {
    if (!complete) left = true
    settleGone()
    settleClosed()
  }
  socket.once('close', onClose)

  const raw = async (bytes: string | Uint8Array): Promise<void> => {
    if (socket.destroyed) throw new Gone()
    if (socket.write(bytes)) return
    const { promise: drained, resolve } = Promise.withResolvers<void>()
    socket.once('drain', resolve)
    await Promise.race([drained, gone])
    socket.off('drain', resolve)
    if (socket.destroyed) throw new Gone()
  }

  const finish = (): void => {
    complete = true
    settleClosed()
  }

  const request: ProviderRequest = {
    ...head,
    body,
    json: parse(body),
    get sent() {
      return sent.join('')
    },
    get aborted() {
      return left
    },
    closed,
  }

  const exchange: Exchange = {
    request,
    gone,
    raw,
    async head(status, headers = {}) {
      if ('content-length' in headers) framing = 'length'
      else if (headers.connection === 'close') framing = 'close'
      const lines = Object.entries(headers).map(([key, value]) => `${key}: ${value}\r\n`)
      if (framing === 'chunked') lines.push('transfer-encoding: chunked\r\n')
      await raw(`HTTP/1.1 ${status} Scripted\r\n${lines.join('')}\r\n`)
    },
    async body(piece) {
      const bytes = typeof piece === 'string' ? new TextEncoder().encode(piece) : piece
      if (bytes.length === 0) return
      await raw(framing === 'chunked' ? chunked(bytes) : bytes)
      if (sent.length < 4096) sent.push(decoder.decode(bytes, { stream: true }))
    },
    async end() {
      if (framing === 'chunked') await raw('0\r\n\r\n')
      finish()
      if (framing === 'close') socket.end()
    },
    close() {
      finish()
      socket.end()
    },
    reset() {
      finish()
      socket.resetAndDestroy()
    },
  }

  const settle = (): void => {
    if (!complete && socket.destroyed) left = true
    socket.off('close', onClose)
    settleGone()
    settleClosed()
  }
  return { request, exchange, settle }
}

const chunked = (bytes: Uint8Array): Uint8Array =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])

const parse = (body: string): unknown => {
  if (body === '') return undefined
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
