/** Answers in whatever format a path asks for, each answer one write. A process of its own. */
import { streams, type Format } from './formats.ts'

const paths: readonly (readonly [RegExp, Format])[] = [
  [/\/chat\/completions/, 'openai'],
  [/\/messages/, 'messages'],
  [/\/responses/, 'responses'],
  [/:streamGenerateContent/, 'gemini'],
]

const chunk = (event: string) => `${Buffer.byteLength(event).toString(16)}\r\n${event}\r\n`
const head =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'
const answerIn = (format: Format): Buffer =>
  Buffer.from(`${head}${streams[format].map(chunk).join('')}0\r\n\r\n`)
const answers = new Map(paths.map(([pattern, format]) => [pattern, answerIn(format)]))
const none = Buffer.from('HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n')

const server = Bun.listen<{ held: Buffer; unsent: Buffer }>({
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
        data.held = Buffer.from(data.held.subarray(end + 4 + length))
        const [path = ''] = lines.split('\r\n')
        const answer = [...answers].find(([pattern]) => pattern.test(path))?.[1] ?? none
        const all = data.unsent.length > 0 ? Buffer.concat([data.unsent, answer]) : answer
        const sent = Math.max(0, peer.write(all))
        data.unsent = Buffer.from(all.subarray(sent))
      }
    },
    drain(peer) {
      const { unsent } = peer.data
      const sent = Math.max(0, peer.write(unsent))
      peer.data.unsent = Buffer.from(unsent.subarray(sent))
    },
  },
})

process.on('disconnect', () => process.exit(0))
process.send?.({ port: server.port })
