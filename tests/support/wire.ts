import type { Socket } from 'node:net'

export interface RequestHead {
  readonly method: string
  readonly path: string
  /** Lower-case names; of repeated ones the last. */
  readonly headers: Readonly<Record<string, string>>
  /** In the order and the spelling they came. */
  readonly rawHeaders: readonly (readonly [name: string, value: string])[]
}

interface Message {
  readonly head: RequestHead
  readonly body: string
}

/** The requests of one keep-alive connection, each with its whole body, until the peer closes. */
export async function* readRequests(socket: Socket): AsyncGenerator<Message> {
  const source = createSource(socket)
  while (true) {
    const head = await source.until('\r\n\r\n')
    if (head === undefined) return
    const parsed = parseHead(head)
    const body = await readBody(source, parsed)
    if (body === undefined) return
    yield { head: parsed, body }
  }
}

const parseHead = (text: string): RequestHead => {
  const [first = '', ...lines] = text.split('\r\n')
  const [method = '', path = ''] = first.split(' ')
  const rawHeaders = lines.map((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const
  })
  const headers = Object.fromEntries(rawHeaders.map(([key, value]) => [key.toLowerCase(), value]))
  return { method, path, headers, rawHeaders }
}

const readBody = async (source: Source, { headers }: RequestHead): Promise<string | undefined> => {
  if (headers['transfer-encoding'] !== 'chunked') {
    const bytes = await source.take(Number(headers['content-length'] ?? 0))
    return bytes && bytes.toString('utf8')
  }
  const pieces: Buffer[] = []
  while (true) {
    const size = await source.until('\r\n')
    if (size === undefined) return undefined
    const length = Number.parseInt(size, 16)
    const piece = await source.take(length + 2)
    if (piece === undefined) return undefined
    if (length === 0) return Buffer.concat(pieces).toString('utf8')
    pieces.push(piece.subarray(0, length))
  }
}

interface Source {
  until(mark: string): Promise<string | undefined>
  take(length: number): Promise<Buffer | undefined>
}

/** Reads by length or mark. `data` events, not the iterator: the connection stays writable after the peer's FIN. */
const createSource = (socket: Socket): Source => {
  let held: Buffer = Buffer.alloc(0)
  let ended = false
  let wake: (() => void) | undefined
  socket.on('data', (bytes: Buffer) => {
    held = held.length === 0 ? bytes : Buffer.concat([held, bytes])
    wake?.()
  })
  const onEnd = (): void => {
    ended = true
    wake?.()
  }
  socket.on('end', onEnd)
  socket.on('close', onEnd)

  const more = async (): Promise<boolean> => {
    if (ended) return false
    const { promise, resolve } = Promise.withResolvers<void>()
    wake = resolve
    await promise
    return true
  }
  const cut = (length: number, skip = 0): Buffer => {
    const bytes = held.subarray(0, length)
    held = held.subarray(length + skip)
    return bytes
  }

  return {
    async until(mark) {
      while (true) {
        const at = held.indexOf(mark)
        if (at >= 0) return cut(at, mark.length).toString('latin1')
        if (!(await more())) return undefined
      }
    },
    async take(length) {
      while (held.length < length) if (!(await more())) return undefined
      return cut(length)
    },
  }
}
