import { log } from '../../log.ts'
import type { Turn } from './breaker.ts'

/** An endpoint, a provider or one of its keys, by its place in the YAML and never by itself. */
export type Subject =
  { readonly endpoint: string } | { readonly provider: string; readonly key?: number }

/** Hears who begins to rest, and who is well again. */
export type Tell = (subject: Subject, turn: Turn) => void

const kindOf = (subject: Subject): string => {
  if ('endpoint' in subject) return 'endpoint'
  return subject.key === undefined ? 'provider' : 'key'
}

/** One line for each change. */
export const logChange: Tell = (subject, { code, ms }) => {
  const seconds = Math.round(ms / 100) / 10
  if (code === undefined)
    log.info(`${kindOf(subject)} is well again`, { ...subject, after_s: seconds })
  else log.warn(`${kindOf(subject)} rests`, { ...subject, why: code, for_s: seconds })
}
