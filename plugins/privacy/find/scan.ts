import { ipv4At } from './ip-addresses.ts'
import { cards } from './cards.ts'
import { afterEscape, classOf, isDigit, isUpper } from './characters.ts'
import type { Detector } from './hit.ts'
import { ibanAt } from './ibans.ts'
import { internationalAt } from './international.ts'
import { keyAt, mayBeKey } from './keys.ts'
import { nationalCodeAt } from './national-codes.ts'
import { nationalNumbers, socialSecurity } from './national-numbers.ts'
import { createShapes, runAt, type Run } from './numbers.ts'
import type { Regional } from './regional.ts'

/** Looks at each word once, for all that begins with one: keys of vendors, IBANs, and numbers of every kind. */
export const createScan = (kinds: ReadonlySet<string>, regional?: Regional): Detector => {
  const shapes = createShapes(
    [...cards, ...socialSecurity, ...nationalNumbers].filter(({ kind }) => kinds.has(kind)),
  )
  const wants = {
    secret: kinds.has('secret'),
    iban: kinds.has('iban'),
    id: kinds.has('national_id'),
    ip: kinds.has('ip_address'),
    phone: kinds.has('phone'),
  }

  return (text, add) => {
    const phoneAt = (run: Run, first: number): number =>
      wants.phone ? internationalAt(text, run, first) : -1

    /** What begins with a group of a run; where it ends, or -1. */
    const numberAt = (start: number): number => {
      const run = runAt(text, start)
      let end = -1
      for (let first = 0; first < run.starts.length; first++) {
        const at = run.starts[first] ?? start
        const isPart = run.between[first] === '.' && run.between[first - 1] !== '.'
        const ip = wants.ip && isPart ? ipv4At(text, at) : -1
        if (ip >= 0) {
          add('ip_address', at, ip)
          end = ip
          first += 3
          continue
        }
        const phone = phoneAt(run, first)
        const last = phone >= 0 ? phone : shapes(text, run, first, add)
        const local = last < 0 && regional ? regional(text, run, first, add) : -1
        if (phone >= 0) add('phone', at - 1, run.ends[phone] ?? at)
        first = Math.max(first, last, local)
        end = run.ends[first] ?? end
      }
      return end
    }

    const mixedAt = (start: number, length: number): number => {
      const iban = wants.iban && isDigit(text.charCodeAt(start + 2)) ? ibanAt(text, start) : -1
      if (iban >= 0) {
        add('iban', start, iban)
        return iban
      }
      if (!wants.id || length > 18) return -1
      const code = nationalCodeAt(text, start)
      if (code >= 0) add('national_id', start, code)
      return code
    }

    for (let at = 0; at < text.length;) {
      let char = classOf(text, at)
      if (char === 0) {
        const code = text.charCodeAt(at)
        at = code === 92 || code === 37 ? Math.max(at + 1, afterEscape(text, at)) : at + 1
        continue
      }
      const start = at
      let digits = 0
      for (; char > 0; char = classOf(text, ++at)) digits += char - 1
      if (wants.secret && mayBeKey(text, start)) {
        const end = keyAt(text, start)
        if (end >= 0) {
          add('secret', start, end)
          at = Math.max(at, end)
          continue
        }
      }
      if (digits === at - start) {
        const isCode = wants.id && (digits === 8 || digits === 6) && /[-+]/.test(text.charAt(at))
        const end = isCode ? mixedAt(start, digits) : -1
        at = Math.max(at, end >= 0 ? end : numberAt(start))
      } else if (
        digits > 0 ||
        (at - start === 2 && isUpper(text.charCodeAt(start)) && text.charCodeAt(at) === 32)
      )
        at = Math.max(at, mixedAt(start, at - start))
    }
  }
}
