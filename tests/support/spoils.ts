import { gzipSync } from 'node:zlib'
import type { Exchange, Script } from './provider.ts'

/** Lets the kernel and the reader see what was written so far as a read of its own. */
const breath = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1))

const bytesOf = (piece: string | Uint8Array): Uint8Array =>
  typeof piece === 'string' ? new TextEncoder().encode(piece) : piece

/** Cuts every `bytes` bytes of the body into a network write of its own. */
export const splitEvery =
  (bytes: number, script: Script): Script =>
  (exchange) =>
    script({
      ...exchange,
      async body(piece) {
        const whole = bytesOf(piece)
        for (let at = 0; at < whole.length; at += bytes) {
          await exchange.body(whole.subarray(at, at + bytes))
          await breath()
        }
      },
    })

/** Sends the body in two writes, cut at one byte. */
export const splitAt = (byte: number, script: Script): Script =>
  gathered(script, async (exchange, whole) => {
    await exchange.body(whole.subarray(0, byte))
    await breath()
    await exchange.body(whole.subarray(byte))
  })

/** Sends the body in one write. */
export const coalesced = (script: Script): Script =>
  gathered(script, (exchange, whole) => exchange.body(whole))

/** Compresses the body. */
export const gzipped = (script: Script): Script =>
  withHeaders({ 'content-encoding': 'gzip' }, script, (whole) => gzipSync(whole))

/** Says gzip and sends something else. */
export const badlyGzipped = (script: Script): Script =>
  withHeaders({ 'content-encoding': 'gzip' }, script)

/** Rewrites the text of the body: line ends, byte order marks, comments. */
export const rewritten = (change: (text: string) => string, script: Script): Script =>
  withHeaders({}, script, (whole) => bytesOf(change(new TextDecoder().decode(whole))))

/** Adds headers or, with `undefined`, drops them. */
export const withHeaders =
  (
    added: Readonly<Record<string, string | undefined>>,
    script: Script,
    encode: (whole: Uint8Array) => Uint8Array = (whole) => whole,
  ): Script =>
  (exchange) => {
    const inner = gathered(script, (outer, whole) => outer.body(encode(whole)))
    return inner({
      ...exchange,
      head: (status, headers = {}) => {
        const { 'content-length': _, ...rest } = { ...headers, ...added }
        return exchange.head(status, defined(rest))
      },
    })
  }

/** Lets `writes` pieces of the body through (an event each, in a stream), then breaks off. */
export const dieAfter =
  (writes: number, script: Script, how: 'reset' | 'close' | 'end' | 'stall' = 'reset'): Script =>
  async (exchange) => {
    let left = writes
    const stop = new Error('the script ends here')
    try {
      await script({
        ...exchange,
        body: async (piece) => {
          if (left-- <= 0) throw stop
          await exchange.body(piece)
        },
        end: async () => {
          throw stop
        },
      })
    } catch (error) {
      if (error !== stop) throw error
    }
    await Bun.sleep(50) // what was sent is read before the blow falls
    if (how === 'end') return exchange.end()
    if (how === 'stall') return exchange.gone
    return how === 'reset' ? exchange.reset() : exchange.close()
  }

/** Waits before each piece of the body. */
export const slowly =
  (milliseconds: number, script: Script): Script =>
  (exchange) =>
    script({
      ...exchange,
      async body(piece) {
        await Promise.race([Bun.sleep(milliseconds), exchange.gone])
        await exchange.body(piece)
      },
    })

/** Waits before the head. */
export const late =
  (milliseconds: number, script: Script): Script =>
  async (exchange) => {
    await Promise.race([Bun.sleep(milliseconds), exchange.gone])
    await script(exchange)
  }

/** Holds the body back until it is complete and sends it in one's own way. */
const gathered =
  (script: Script, send: (exchange: Exchange, whole: Uint8Array) => Promise<void>): Script =>
  (exchange) => {
    const pieces: Uint8Array[] = []
    return script({
      ...exchange,
      body: async (piece) => void pieces.push(bytesOf(piece)),
      end: async () => {
        await send(exchange, Buffer.concat(pieces))
        await exchange.end()
      },
    })
  }

const defined = (headers: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined),
  )
