import { connect, type Socket } from 'node:net'

export interface RawClient {
  readonly socket: Socket
  /** Everything received so far. */
  text(): string
  /** Settles when the peer has closed or reset the connection. */
  readonly closed: Promise<void>
}

/** A client that sends exactly these bytes and reads what comes; with `stalled` it reads nothing at all. */
export const rawClient = async (
  port: number,
  bytes: string | Uint8Array,
  { stalled = false }: { readonly stalled?: boolean } = {},
): Promise<RawClient> => {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.setNoDelay(true)
  const { promise: closed, resolve } = Promise.withResolvers<void>()
  let received = ''
  socket.on('error', () => {})
  socket.on('close', () => resolve())
  if (stalled) socket.pause()
  else socket.on('data', (chunk: Buffer) => void (received += chunk.toString('utf8')))
  await new Promise<void>((connected, failed) => {
    socket.once('connect', () => connected())
    socket.once('error', failed)
  })
  socket.write(bytes)
  return { socket, text: () => received, closed }
}

/** Sends bytes, waits for the peer to close (ask for it with `connection: close`), returns status and body. */
export const rawRequest = async (
  port: number,
  bytes: string | Uint8Array,
): Promise<{ status: number; head: string; body: string; json: any }> => {
  const client = await rawClient(port, bytes)
  await client.closed
  const text = client.text()
  const at = text.indexOf('\r\n\r\n')
  const head = text.slice(0, at)
  const body = text.slice(at + 4)
  const start = body.indexOf('{')
  return {
    status: Number(head.split(' ')[1]),
    head,
    body,
    json: start < 0 ? undefined : JSON.parse(body.slice(start, body.lastIndexOf('}') + 1)),
  }
}

/** A POST with this Host line and more headers, as bytes. */
export const post = (
  path: string,
  hostLines: readonly string[],
  body: string,
  more: readonly string[] = [],
) =>
  [
    `POST ${path} HTTP/1.1`,
    ...hostLines,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...more,
    '',
    body,
  ].join('\r\n')
