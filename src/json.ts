import { GatewayError } from './errors.ts'

interface Member {
  readonly key: string
  readonly start: number
  readonly valueStart: number
  readonly end: number
}

/** A JSON object as it came: its text, its value, and where its top-level members stand in the text. */
export interface JsonText {
  readonly text: string
  readonly value: Readonly<Record<string, unknown>>
  /** Absent when keys repeat or are escaped, where only re-serialising is safe. */
  readonly members?: readonly Member[]
}

/** The value of a JSON text; undefined for a text that is none. */
export const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export interface JsonLimits {
  readonly max_depth: number
  readonly max_keys: number
}

const quote = 34
const backslash = 92

const endOfString = (text: string, open: number): number => {
  let end = open
  for (;;) {
    end = text.indexOf('"', end + 1)
    if (end === -1) return -1
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === backslash) slashes++
    if (slashes % 2 === 0) return end
  }
}

const tooComplex = (what: string, limit: number) =>
  new GatewayError('json_too_complex', { message: `The JSON has more than ${limit} ${what}.` })

/** One pass over the text: enforces the limits before anything is parsed, and finds the members. */
const scan = (text: string, limits: JsonLimits): Member[] | undefined => {
  const members: Member[] = []
  let plain = true
  let depth = 0
  let keys = 0
  let stringStart = 0
  let stringEnd = 0
  let open: Omit<Member, 'end'> | undefined
  const close = (at: number) => {
    if (!open) return
    members.push({
      ...open,
      end: open.valueStart + text.slice(open.valueStart, at).trimEnd().length,
    })
    open = undefined
  }
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote: {
        const end = endOfString(text, at)
        if (end === -1) return undefined
        stringStart = at
        stringEnd = end
        at = end
        break
      }
      case 123: // {
      case 91: // [
        if (++depth > limits.max_depth) throw tooComplex('levels', limits.max_depth)
        break
      case 125: // }
      case 93: // ]
        if (--depth === 0) close(at)
        break
      case 58: // :
        if (++keys > limits.max_keys) throw tooComplex('keys', limits.max_keys)
        if (depth === 1) {
          const key = text.slice(stringStart + 1, stringEnd)
          if (key.includes('\\')) plain = false
          let valueStart = at + 1
          while (text.charCodeAt(valueStart) <= 32) valueStart++
          open = { key, start: stringStart, valueStart }
        }
        break
      case 44: // ,
        if (depth === 1) close(at)
        break
    }
  }
  const unique = new Set(members.map((member) => member.key)).size === members.length
  return plain && unique ? members : undefined
}

const everyString = (value: unknown, holds: (text: string) => boolean): boolean => {
  if (typeof value === 'string') return holds(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, item]) => holds(key) && everyString(item, holds))
}

const suspicious = /\\u(?:0000|[dD][89a-fA-F])/

/**
 * Reads a client's JSON object.
 * @throws GatewayError `json_too_complex` above the limits, checked before parsing (a million keys would block for
 * 1.5 s); `invalid_json` for anything that is no JSON object, or holds NUL or half a surrogate pair.
 */
export const readJson = (text: string, limits: JsonLimits): JsonText => {
  const members = scan(text, limits)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new GatewayError('invalid_json')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new GatewayError('invalid_json', { message: 'The body must be a JSON object.' })
  if (
    suspicious.test(text) &&
    !everyString(value, (string) => string.isWellFormed() && !string.includes('\0'))
  )
    throw new GatewayError('invalid_json', {
      message: 'A string in the body holds NUL or half a surrogate pair.',
    })
  return { text, value: value as Record<string, unknown>, ...(members && { members }) }
}

/** A member in front of all others of a JSON object's text, the rest untouched. */
export const prepend = (text: string, key: string, value: unknown): string => {
  const open = text.indexOf('{') + 1
  const empty = /^\s*\}/.test(text.slice(open, open + 16))
  return `${text.slice(0, open)}${JSON.stringify(key)}:${JSON.stringify(value)}${empty ? '' : ','}${text.slice(open)}`
}
