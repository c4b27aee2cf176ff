/** The clients: so many connections, each asking again as soon as it is answered. A process of its own. */
import type { Socket } from 'bun'
import { faultOf } from './check.ts'
import { watchCpu, watchForeign, type CpuSource } from './cpu.ts'
import { requestBody, sharedClock, stampMark, stampWidth, type Shape } from './fixture.ts'
import { createAnswerReader } from './http.ts'
import { percentile } from './stats.ts'

export interface Order {
  readonly port: number
  readonly model: string
  readonly shape: Shape
  readonly clients: number
  /** Milliseconds before anything counts. */
  readonly warm: number
  /** Milliseconds that count. */
  readonly window: number
  /** The process whose CPU time counts; none where the provider is asked directly. */
  readonly gateway?: CpuSource
  /** All processes of the bench: what others use makes a sample doubtful. */
  readonly ours: readonly number[]
}

export interface Sample {
  readonly seconds: number
  /** Answers that ended within the window. */
  readonly answers: number
  /** Paced events that arrived within the window. */
  readonly events: number
  /** Microseconds of the gateway's CPU, NaN without a gateway. */
  readonly cpu: number
  /** Microseconds: of a whole answer, of a whole burst, of a paced event's way. */
  readonly p50: number
  readonly p99: number
  /** Processors that others kept busy. */
  readonly foreign: number
  /** What went wrong, the first few; any error makes the sample void. */
  readonly faults: readonly string[]
  readonly errors: number
}

const largestAnswer = 256 * 1024
const mostAnswers = 500_000
/** Milliseconds that what is under way may take after the window. */
const patience = 5_000

const mark = Buffer.from(stampMark)
const noCpu = async () => Number.NaN

const requestFor = ({ port, model, shape }: Order): Buffer => {
  const body = requestBody(model, shape !== 'whole')
  return Buffer.from(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n` +
      'authorization: Bearer sk-bench\r\ncontent-type: application/json\r\n' +
      `accept: */*\r\nuser-agent: bench\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

const createRun = (order: Order) => {
  const { port, shape, clients } = order
  const request = requestFor(order)
  const sockets: Socket[] = []
  let counting = false
  let stopping = false
  let asked = 0
  let busy = 0
  let answers = 0
  let events = 0
  let errors = 0
  let times: number[] = []
  const faults: string[] = []
  const idle = Promise.withResolvers<void>()

  const fault = (why: string) => {
    errors++
    if (faults.length < 3) faults.push(why)
  }
  const rest = () => {
    if (--busy === 0) idle.resolve()
  }

  const readStamps = (bytes: Buffer, start: number, end: number) => {
    const now = sharedClock()
    for (let at = bytes.indexOf(mark, start); at !== -1 && at < end; at = bytes.indexOf(mark, at)) {
      at += mark.length
      const sent = Number(bytes.toString('latin1', at, at + stampWidth))
      if (!(sent > 0)) continue
      events++
      times.push(now - sent)
    }
  }

  const connect = () => {
    const store = Buffer.allocUnsafe(largestAnswer)
    let size = 0
    let began = 0
    let waiting = false

    const ask = (socket: Socket) => {
      if (stopping || asked >= mostAnswers) return rest()
      asked++
      size = 0
      waiting = true
      began = performance.now()
      if (socket.write(request) !== request.length) fault('the request did not go out at once')
    }
    const give = (socket: Socket, why: string) => {
      if (!waiting) return
      waiting = false
      fault(why)
      socket.terminate()
      rest()
    }
    const readerFor = (socket: Socket) =>
      createAnswerReader({
        body(bytes, start, end) {
          if (size + end - start > largestAnswer) return give(socket, 'the answer is too long')
          bytes.copy(store, size, start, end)
          size += end - start
          if (counting && shape === 'paced') readStamps(bytes, start, end)
        },
        end(status) {
          if (!waiting) return
          const wrong = faultOf(shape, status, store.subarray(0, size))
          if (wrong) return give(socket, wrong)
          waiting = false
          if (counting) {
            answers++
            if (shape !== 'paced') times.push((performance.now() - began) * 1_000)
          }
          // a paced client asks once: its stream is as long as the sample
          if (shape === 'paced') rest()
          else ask(socket)
        },
        broken: (why) => give(socket, why),
      })

    let reader: ReturnType<typeof readerFor>
    busy++
    return Bun.connect({
      hostname: '127.0.0.1',
      port,
      socket: {
        open(socket) {
          sockets.push(socket)
          reader = readerFor(socket)
          ask(socket)
        },
        data: (_socket, read) => reader.feed(read),
        close: (socket) => give(socket, 'the connection was closed'),
        error: (socket, error) => give(socket, error.message),
      },
    }).catch((error: unknown) => {
      fault(`no connection: ${String(error)}`)
      rest()
    })
  }

  return {
    start: () => Promise.all(Array.from({ length: clients }, connect)),
    count() {
      counting = true
      answers = 0
      events = 0
      times = []
    },
    /** What was counted. */
    hold() {
      counting = false
      return { answers, events, times }
    },
    async stop() {
      stopping = true
      const late = setTimeout(() => (fault('an answer did not end'), idle.resolve()), patience)
      await idle.promise
      clearTimeout(late)
      for (const socket of sockets) socket.terminate()
      return { errors, faults }
    },
  }
}

const measure = async (order: Order): Promise<Sample> => {
  const run = createRun(order)
  await run.start()
  await Bun.sleep(order.warm)
  const foreignSince = await watchForeign(order.ours)
  const cpuSince = order.gateway ? await watchCpu(order.gateway) : noCpu
  const began = performance.now()
  run.count()
  await Bun.sleep(order.window)
  const { answers, events, times } = run.hold()
  const seconds = (performance.now() - began) / 1_000
  const cpu = await cpuSince()
  const foreign = await foreignSince(seconds)
  const { errors, faults } = await run.stop()
  times.sort((one, other) => one - other)
  return {
    seconds,
    answers,
    events,
    cpu,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    foreign,
    faults,
    errors,
  }
}

process.on('disconnect', () => process.exit(0))
process.on('message', async (order: Order) => process.send?.(await measure(order)))
process.send?.({ port: 0 })
