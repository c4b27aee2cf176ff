import type { Format, Request } from '../chat.ts'

const needs = Symbol('needs')
const losses = Symbol('losses')

/** A field of the client's that only a provider of the client's own format can honour. */
export interface Need {
  readonly param: string
  /** What the client is told where none is asked. */
  readonly message: string
  readonly wireCode?: string
  readonly format: Format
}

/** The request, which no provider of another format may answer. */
export const withNeed = <R extends Request>(request: R, need: Need): R => ({
  ...request,
  [needs]: need,
})

export const needOf = (request: Request): Need | undefined =>
  Reflect.get(request, needs) as Need | undefined

/** The request, of which providers of other formats are not told these fields: the client hears of it. */
export const withLosses = <R extends Request>(request: R, fields: readonly string[]): R =>
  fields.length > 0 ? { ...request, [losses]: fields } : request

export const lossesOf = (request: Request): readonly string[] =>
  (Reflect.get(request, losses) as readonly string[] | undefined) ?? []
