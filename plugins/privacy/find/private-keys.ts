import type { Add } from './hit.ts'

const begin = /-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y
const end = /-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----/y
/** What may stand inside: base64 in lines, however they are written in code, and the headers of old forms. */
const inside = /[A-Za-z0-9+/=\s\\"',:.()-]/
const line = /(?:\\{0,4}[nr]|\s){1,12}[A-Za-z0-9+/=]{40,80}/y

/** Longer keys than these are none. */
const longest = 20_000

/** Where the lines end that follow: a key may be cut off. */
const afterLines = (text: string, from: number): number => {
  line.lastIndex = from
  while (line.test(text)) from = line.lastIndex
  return from
}

/** Private keys as PEM. */
export const findPrivateKeys = (text: string, add: Add): void => {
  const opening = '-----BEGIN '
  let from = 0
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, from)) {
    from = at + opening.length
    begin.lastIndex = at
    const head = begin.exec(text)?.[0]
    if (head === undefined) continue
    const start = at + head.length
    const stop = text.indexOf('-----', start)
    const body = text.slice(start, Math.min(stop, start + longest))
    end.lastIndex = stop
    const tail = stop < 0 ? undefined : end.exec(text)?.[0]
    const isWhole = body.length > 63 && [...body].every((char) => inside.test(char))
    from = tail !== undefined && isWhole ? stop + tail.length : afterLines(text, start)
    if (from > start) add('secret', at, from)
  }
}
