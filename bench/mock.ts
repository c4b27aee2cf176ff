/** The scripted provider, on bare sockets so that it costs as little as possible. A process of its own. */
import type { Socket } from 'bun'
import {
  pace,
  shapes,
  sharedClock,
  stampMark,
  stampWidth,
  streamEvents,
  wholeAnswer,
  type Shape,
} from './fixture.ts'

interface Client {
  /** Bytes of a request that has not come whole. */
  held: Buffer
  /** Bytes of an answer that the socket did not take yet. */
  unsent: Buffer
}

type Peer = Socket<Client>

const none = Buffer.alloc(0)
const head = (type: string, more: string) =>
  `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\n${more}\r\n\r\n`
const streamHead = head('text/event-stream', 'transfer-encoding: chunked')
const chunk = (event: string) => `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`
const lastChunk = '0\r\n\r\n'

const whole = Buffer.from(
  head('application/json', `content-length: ${Buffer.byteLength(wholeAnswer)}`) + wholeAnswer,
)
const burst = Buffer.from(streamHead + streamEvents('burst').map(chunk).join('') + lastChunk)
const refusal = Buffer.from('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n')

const pacedChunks = streamEvents('paced').map((event, at, all) =>
  Buffer.from(
    (at === 0 ? streamHead : '') + chunk(event) + (at === all.length - 1 ? lastChunk : ''),
  ),
)
const stampAt = pacedChunks.map((bytes) => bytes.indexOf(`${stampMark}0`) + stampMark.length)

const send = (peer: Peer, bytes: Buffer) => {
  const { data } = peer
  if (data.unsent.length > 0) {
    data.unsent = Buffer.concat([data.unsent, bytes])
    return
  }
  const sent = peer.write(bytes)
  if (sent >= 0 && sent < bytes.length) data.unsent = Buffer.from(bytes.subarray(sent))
}

interface Paced {
  readonly peer: Peer
  next: number
  due: number
}

const paced = new Set<Paced>()

const tick = () => {
  const now = performance.now()
  for (const stream of paced) {
    if (now < stream.due) continue
    const bytes = pacedChunks[stream.next]
    const at = stampAt[stream.next] ?? 0
    if (!bytes) {
      paced.delete(stream)
      continue
    }
    if (at >= stampMark.length)
      bytes.write(String(Math.round(sharedClock())).padStart(stampWidth, '0'), at, 'latin1')
    send(stream.peer, bytes)
    stream.next++
    stream.due += pace
  }
}

let phase = 0
const answers: Record<Shape, (peer: Peer) => void> = {
  whole: (peer) => send(peer, whole),
  burst: (peer) => send(peer, burst),
  // streams that begin together do not speak together
  paced: (peer) => paced.add({ peer, next: 0, due: performance.now() + (phase++ % pace) }),
}

/** The bare model names prove that a gateway took its own prefix off. */
const asked = shapes.map((shape) => ({ shape, mark: Buffer.from(`"model":"${shape}"`) }))

/** Bytes of the first request in `bytes`, 0 while it is not whole. */
const requestLength = (bytes: Buffer): number => {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return 0
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, end))?.[1]
  const all = end + 4 + Number(length ?? 0)
  return bytes.length < all ? 0 : all
}

const server = Bun.listen<Client>({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    open(peer) {
      peer.data = { held: none, unsent: none }
    },
    data(peer, read) {
      let bytes = peer.data.held.length > 0 ? Buffer.concat([peer.data.held, read]) : read
      for (;;) {
        const length = requestLength(bytes)
        if (length === 0) break
        const body = length < bytes.length ? bytes.subarray(0, length) : bytes
        const found = asked.find(({ mark }) => body.includes(mark))
        if (found) answers[found.shape](peer)
        else send(peer, refusal)
        bytes = bytes.subarray(length)
      }
      peer.data.held = bytes.length > 0 ? Buffer.from(bytes) : none
    },
    drain(peer) {
      const bytes = peer.data.unsent
      peer.data.unsent = none
      if (bytes.length > 0) send(peer, bytes)
    },
    close(peer) {
      for (const stream of paced) if (stream.peer === peer) paced.delete(stream)
    },
  },
})

setInterval(tick, 1)
process.on('disconnect', () => process.exit(0))
process.send?.({ port: server.port })
