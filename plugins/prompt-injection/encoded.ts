/** A part of a text that stands for another one. */
export interface Encoded {
  readonly start: number
  readonly end: number
  readonly decoded: string
}

const base64 = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{20,}={0,2}/g
const hex = /(?<![0-9a-z])(?:[0-9a-f]{2}[\s:,]?){12,}/gi
const escapes = /(?:(?:\\x|%)[0-9a-f]{2}){12,}/gi

/** Whether it reads as text: nothing unprintable at its beginning. */
const isText = (text: string): boolean =>
  /^[\t\n\r\x20-\x7e\u00a0-\u024f‘’“”]+$/.test(text.slice(0, 200))

/** Base64 and hexadecimal digits that stand for text. */
export function* encodedIn(text: string): Generator<Encoded> {
  for (const { index, 0: run } of text.matchAll(base64)) {
    const decoded = Buffer.from(run, 'base64').toString('utf8')
    if (isText(decoded)) yield { start: index, end: index + run.length, decoded }
  }
  for (const { index, 0: run } of [...text.matchAll(hex), ...text.matchAll(escapes)]) {
    const digits = run.replace(/\\x|[^0-9a-f]/gi, '')
    const decoded = Buffer.from(digits, 'hex').toString('utf8')
    if (isText(decoded)) yield { start: index, end: index + run.length, decoded }
  }
}
