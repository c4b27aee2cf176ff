/** Answers in whatever format a path asks for, as fast as the model's name says. A process of its own. */
import type { Socket } from 'bun'
import { pace, streams, type Format } from './formats.ts'

interface Client {
  held: Buffer
  unsent: Buffer
}

const paths: readonly (readonly [RegExp, Format])[] = [
  [/\/chat\/completions/, 'openai'],
  [/\/messages/, 'messages'],
  [/\/responses/, 'responses'],
  [/:streamGenerateContent/, 'gemini'],
]

const chunk = (event: string) => `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`
const head =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
const writesOf = (format: Format): Buffer[] =>
  [head, ...streams[format].map(chunk), '0\r\n\r\n'].map((text) => Buffer.from(text))
const answers = paths.map(([pattern, format]) => {
  const writes = writesOf(format)
  return { pattern, writes, all: Buffer.concat(writes) }
})
const none = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')
const paced = Buffer.from('paced')

const send = (peer: Socket<Client>, bytes: Buffer) => {
  const { data } = peer
  const all = data.unsent.length > 0 ? Buffer.concat([data.unsent, bytes]) : bytes
  const sent = Math.max(0, peer.write(all))
  data.unsent = sent < all.length ? Buffer.from(all.subarray(sent)) : Buffer.alloc(0)
}

interface Speaking {
  readonly peer: Socket<Client>
  readonly writes: readonly Buffer[]
  next: number
  due: number
}

const speaking = new Set<Speaking>()
let phase = 0

setInterval(() => {
  const now = performance.now()
  for (const one of speaking) {
    if (now < one.due) continue
    const bytes = one.writes[one.next++]
    if (bytes) send(one.peer, bytes)
    else speaking.delete(one)
    one.due += pace
  }
}, 1)

const server = Bun.listen<Client>({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    open(peer) {
      peer.data = { held: Buffer.alloc(0), unsent: Buffer.alloc(0) }
    },
    data(peer, read) {
      const { data } = peer
      data.held = Buffer.concat([data.held, read])
      for (;;) {
        const end = data.held.indexOf('\r\n\r\n')
        if (end === -1) return
        const lines = data.held.toString('latin1', 0, end)
        const length = Number(/\r\ncontent-length: *(\d+)/i.exec(lines)?.[1] ?? 0)
        if (data.held.length < end + 4 + length) return
        const isPaced = data.held.subarray(0, end + 4 + length).includes(paced)
        data.held = Buffer.from(data.held.subarray(end + 4 + length))
        const [path = ''] = lines.split('\r\n')
        const answer = answers.find(({ pattern }) => pattern.test(path))
        if (!answer) send(peer, none)
        else if (!isPaced) send(peer, answer.all)
        // streams that begin together do not speak together
        else {
          const due = performance.now() + (phase++ % pace)
          speaking.add({ peer, writes: answer.writes, next: 0, due })
        }
      }
    },
    drain(peer) {
      if (peer.data.unsent.length > 0) send(peer, Buffer.alloc(0))
    },
    close(peer) {
      for (const one of speaking) if (one.peer === peer) speaking.delete(one)
    },
  },
})

process.on('disconnect', () => process.exit(0))
process.send?.({ port: server.port })
