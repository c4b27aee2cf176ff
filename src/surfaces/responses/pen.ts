import type { Fields } from '../../fields.ts'

/** Writes numbered events, or, without a client that reads them, only counts. */
export interface Pen {
  say(type: string, fields: Fields): void
  /** The same with the fields as JSON after a comma, for what is written often. */
  sayJson(type: string, json: string): void
  /** An event of the provider's own, with its number if it has one. */
  copy(data: string, event: string | undefined, sequence: unknown): void
  /** An event of the provider's own has passed by other means. */
  passed(sequence: unknown): void
  /** Several have, unread; their numbers are looked for when the next is written. */
  passedRaw(events: string | Uint8Array): void
  /** What was written since it was last taken. */
  take(): string
}

/** The number of the last of some events. */
const lastNumber = (events: string): number | undefined => {
  const key = '"sequence_number":'
  const at = events.lastIndexOf(key)
  const number = Number.parseInt(events.slice(at + key.length, at + key.length + 24), 10)
  return at === -1 || Number.isNaN(number) ? undefined : number
}

export const createPen = (): Pen => {
  let written = ''
  let next = 0
  let unread: string | Uint8Array | undefined
  const passed = (sequence: unknown) => {
    unread = undefined
    next = typeof sequence === 'number' ? sequence + 1 : next + 1
  }
  const readLast = () => {
    if (unread === undefined) return
    const last = lastNumber(typeof unread === 'string' ? unread : new TextDecoder().decode(unread))
    unread = undefined
    if (last !== undefined) next = last + 1
  }
  const sayJson = (type: string, json: string) => {
    readLast()
    written += `event: ${type}\ndata: {"type":"${type}","sequence_number":${next++}${json}}\n\n`
  }
  return {
    sayJson,
    say: (type, fields) => {
      const json = JSON.stringify(fields)
      sayJson(type, json === '{}' ? '' : `,${json.slice(1, -1)}`)
    },
    copy(data, event, sequence) {
      written += `${event === undefined ? '' : `event: ${event}\n`}data: ${data}\n\n`
      passed(sequence)
    },
    passed,
    passedRaw: (events) => void (unread = events),
    take() {
      const all = written
      written = ''
      return all
    },
  }
}

const nothing = () => undefined

/** For answers that are not streamed. */
export const noPen: Pen = {
  say: nothing,
  sayJson: nothing,
  copy: nothing,
  passed: nothing,
  passedRaw: nothing,
  take: () => '',
}
