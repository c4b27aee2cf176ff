/** So many clients that ask again as soon as they are answered. A process of its own. */
import type { Socket } from 'bun'
import { watchCpu, type CpuSource } from '../cpu.ts'
import { createAnswerReader } from '../http.ts'
import { askFor, faultIn, pieces, type Format, type Shape } from './formats.ts'

export interface Order {
  readonly gateway: CpuSource & { readonly port: number }
  readonly client: Format
  readonly provider: Format
  readonly shape: Shape
  readonly clients: number
  /** Milliseconds before anything counts, and that count. */
  readonly warm: number
  readonly window: number
}

export interface Sample {
  readonly answers: number
  /** Pieces of text that arrived, in whatever events. */
  readonly pieces: number
  /** Microseconds of the gateway's CPU. */
  readonly cpu: number
  readonly fault?: string
}

const measure = async ({ gateway, client, provider, shape, clients, warm, window }: Order) => {
  const { path, body } = askFor(client, provider, shape)
  const json = JSON.stringify(body)
  const request = Buffer.from(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${gateway.port}\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(json)}\r\n\r\n${json}`,
  )
  let answers = 0
  let bytes = 0
  let perAnswer = 0
  let stopping = false
  let fault: string | undefined
  const connect = async (): Promise<Socket> => {
    const parts: Buffer[] = []
    const reader = (socket: Socket) =>
      createAnswerReader({
        body(read, start, end) {
          bytes += end - start
          parts.push(Buffer.from(read.subarray(start, end)))
        },
        end(status) {
          answers++
          perAnswer = parts.reduce((sum, part) => sum + part.length, 0)
          // looking into every answer would cost the load more than the gateway
          if (answers % 16 === 1) fault ??= faultIn(client, status, Buffer.concat(parts).toString())
          parts.length = 0
          if (!stopping) socket.write(request)
        },
        broken: (why) => void (fault ??= why),
      })
    let read: ReturnType<typeof reader>
    return Bun.connect({
      hostname: '127.0.0.1',
      port: gateway.port,
      socket: {
        open(socket) {
          read = reader(socket)
          socket.write(request)
        },
        data: (_socket, got) => read.feed(got),
      },
    })
  }
  const sockets = await Promise.all(Array.from({ length: clients }, connect))
  await Bun.sleep(warm)
  const since = await watchCpu(gateway)
  answers = 0
  bytes = 0
  await Bun.sleep(window)
  const counted = answers
  const arrived = (bytes / perAnswer) * pieces.length
  const cpu = await since()
  stopping = true
  for (const socket of sockets) socket.terminate()
  return {
    answers: counted,
    pieces: arrived,
    cpu,
    ...(fault !== undefined && { fault }),
  } satisfies Sample
}

process.on('disconnect', () => process.exit(0))
process.on('message', async (order: Order) => process.send?.(await measure(order)))
process.send?.({ port: 0 })
