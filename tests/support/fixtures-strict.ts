import { errorOf, type ErrorRest } from './fixtures-errors.ts'
import { sendWhole } from './fixtures-replay.ts'
import type { Dialect } from './fixtures.ts'
import type { Exchange, Script } from './provider.ts'

/** A request broke a rule of the provider's. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number
  readonly rest: ErrorRest

  constructor(message: string, rest: ErrorRest & { readonly status?: number } = {}) {
    super(message)
    this.status = rest.status ?? 400
    this.rest = rest
  }
}

/** Refuses what is not so. */
export function must(
  holds: unknown,
  message: string,
  rest?: ErrorRest & { readonly status?: number },
): asserts holds {
  if (!holds) throw new Refused(message, rest)
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const fieldsIn = (
  value: object,
  allowed: readonly string[],
  refuse: (field: string) => never,
): void => {
  for (const field of Object.keys(value)) if (!allowed.includes(field)) refuse(field)
}

/** Runs the script that a request earns, or answers what `Refused` says in the provider's own form. */
export const strictly =
  (dialect: Dialect, judge: (exchange: Exchange) => Script): Script =>
  (exchange) => {
    try {
      return judge(exchange)(exchange)
    } catch (error) {
      if (!(error instanceof Refused)) throw error
      const body = errorOf(dialect, error.status, error.message, error.rest)
      return sendWhole(dialect, body, error.status)(exchange)
    }
  }

/** The values of a field anywhere within, in order. */
export const valuesOf = (value: unknown, field: string): unknown[] => {
  if (Array.isArray(value)) return value.flatMap((one) => valuesOf(one, field))
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, one]) =>
    key === field ? [one] : valuesOf(one, field),
  )
}
