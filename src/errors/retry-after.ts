import type { Fields } from '../fields.ts'
const shortest = 1
const longest = 60

const fieldsOf = (value: unknown): Fields | undefined =>
  typeof value === 'object' && value !== null ? (value as Fields) : undefined

/** Google's `RetryInfo` among an error's details, in seconds. */
const retryInfoIn = (body: unknown): string | undefined => {
  const error = fieldsOf(fieldsOf(Array.isArray(body) ? body[0] : body)?.error)
  const details: readonly unknown[] = Array.isArray(error?.details) ? error.details : []
  const delay = details.map((detail) => fieldsOf(detail)?.retryDelay).find(Boolean)
  return typeof delay === 'string' && /^[\d.]+s$/.test(delay) ? delay.slice(0, -1) : undefined
}

/** Seconds to wait as a provider asked, at least 1 and at most 60; nothing when it did not ask. */
export const retryAfterOf = (
  headers: Headers | undefined,
  body?: unknown,
): { readonly retryAfter?: number } => {
  const milliseconds = headers?.get('retry-after-ms')
  const asked = milliseconds
    ? Number(milliseconds) / 1_000
    : (headers?.get('retry-after') ?? retryInfoIn(body))
  if (asked === null || asked === undefined || asked === '') return {}
  const seconds = Number.isFinite(Number(asked))
    ? Number(asked)
    : (Date.parse(String(asked)) - Date.now()) / 1_000
  return {
    retryAfter: Math.min(
      Math.max(Number.isFinite(seconds) ? seconds : shortest, shortest),
      longest,
    ),
  }
}
