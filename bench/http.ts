/** Reads HTTP/1.1 answers off a socket, one after another, however the reads are cut. */
export interface AnswerReader {
  feed(read: Buffer): void
}

export interface AnswerEvents {
  /** A piece of the body: `bytes` from `start` to `end`, to be copied by who keeps it. */
  body(bytes: Buffer, start: number, end: number): void
  end(status: number): void
  broken(why: string): void
}

const none = Buffer.alloc(0)
const carriageReturn = 13

/** Number of a hexadecimal chunk-size line, -1 for nonsense. */
const chunkSize = (bytes: Buffer, start: number, end: number): number => {
  let size = 0
  for (let at = start; at < end; at++) {
    const code = bytes[at] ?? 0
    if (code >= 48 && code <= 57) size = size * 16 + code - 48
    else if (code >= 97 && code <= 102) size = size * 16 + code - 87
    else if (code >= 65 && code <= 70) size = size * 16 + code - 55
    else return code === 59 ? size : -1
  }
  return end > start ? size : -1
}

type State = 'head' | 'length' | 'size' | 'chunk' | 'chunk-end' | 'trailer' | 'broken'

export const createAnswerReader = (events: AnswerEvents): AnswerReader => {
  let state: State = 'head'
  let held: Buffer = none
  let status = 0
  let left = 0

  const fail = (why: string) => {
    state = 'broken'
    events.broken(why)
  }

  const finish = () => {
    state = 'head'
    events.end(status)
  }

  /** Where the next step begins, -1 when it needs more bytes. */
  const step = (bytes: Buffer, at: number): number => {
    switch (state) {
      case 'head': {
        const end = bytes.indexOf('\r\n\r\n', at, 'latin1')
        if (end === -1) return -1
        const text = bytes.toString('latin1', at, end)
        status = Number(text.slice(9, 12))
        if (!text.startsWith('HTTP/1.1 ')) fail('the answer is no HTTP/1.1')
        else if (/\r\ntransfer-encoding: *chunked/i.test(text)) state = 'size'
        else {
          const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1]
          if (length === undefined) fail('the answer has no length')
          else if ((left = Number(length)) > 0) state = 'length'
          else finish()
        }
        return end + 4
      }
      case 'length':
      case 'chunk': {
        const end = Math.min(bytes.length, at + left)
        left -= end - at
        events.body(bytes, at, end)
        if (left > 0) return end
        if (state === 'length') finish()
        else state = 'chunk-end'
        return end
      }
      case 'chunk-end':
        if (at + 2 > bytes.length) return -1
        state = 'size'
        return at + 2
      case 'size': {
        let end = at
        while (end < bytes.length && bytes[end] !== carriageReturn) end++
        if (end + 2 > bytes.length) return -1
        left = chunkSize(bytes, at, end)
        if (left === -1) fail('a chunk has no size')
        else state = left === 0 ? 'trailer' : 'chunk'
        return end + 2
      }
      case 'trailer':
        if (at + 2 > bytes.length) return -1
        finish()
        return at + 2
      case 'broken':
        return bytes.length
    }
  }

  return {
    feed(read) {
      const bytes = held.length > 0 ? Buffer.concat([held, read]) : read
      let at = 0
      while (at < bytes.length) {
        const next = step(bytes, at)
        if (next === -1) break
        at = next
      }
      held = at < bytes.length ? Buffer.from(bytes.subarray(at)) : none
    },
  }
}
