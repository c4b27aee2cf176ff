import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { GatewayError } from '../errors.ts'

export interface Events {
  readonly messages: readonly EventSourceMessage[]
  /** The read is just events as every writer frames them, each whole: its bytes can be sent on as they are. */
  readonly exact: boolean
}

const framing = 'data: '.length + '\n\n'.length
const naming = 'event: '.length + '\n'.length

/** Past the blank line that stands there, or -1. */
export const pastBlankLine = (text: string, at: number, windows: boolean): number => {
  if (text.startsWith('\n\n', at)) return at + 2
  return windows && text.startsWith('\r\n\r\n', at) ? at + 4 : -1
}

/** Past the next blank line, at most the end. */
export const pastEvent = (text: string, from: number): number => {
  const unix = text.indexOf('\n\n', from)
  const windows = text.indexOf('\r\n\r\n', from)
  if (windows !== -1 && (unix === -1 || windows < unix)) return windows + 4
  return unix === -1 ? text.length : unix + 2
}

/**
 * Server-sent events out of network reads that may be cut at any byte.
 * @param limit characters of one event; above it `upstream_response_too_large`
 * @param windows whether lines that end in CR and LF can be handed on as they are
 */
export const createEvents = (limit: number, windows: boolean) => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let messages: EventSourceMessage[] = []
  let between = true
  const parser = createParser({
    maxBufferSize: limit,
    onEvent: (message) => void messages.push(message),
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded')
        throw new GatewayError('upstream_response_too_large')
    },
  })
  return {
    /** A read's text, but for what was cut in the middle of a character. */
    decode: (bytes: Uint8Array): string => decoder.decode(bytes, { stream: true }),
    feed(text: string): Events {
      messages = []
      const began = between
      parser.feed(text)
      let length = 0
      for (const { data, event } of messages) {
        if (data.length > limit) throw new GatewayError('upstream_response_too_large')
        length += data.length + framing + (event === undefined ? 0 : event.length + naming)
      }
      const wide = text.endsWith('\r\n\r\n')
      between = wide || text.endsWith('\n\n')
      const framed = began && between && (windows || !wide)
      // two more for each line end of Windows, of which an unnamed event has two
      const more = wide ? 2 * messages.length : 0
      return { messages, exact: framed && length + more === text.length }
    },
    /** What the stream's end left without its blank line. */
    close(): Events {
      return this.feed('\n\n')
    },
    /** Nothing of an event that is not complete was read. */
    get between() {
      return between
    },
  }
}
