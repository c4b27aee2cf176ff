import type { Content } from '../content.ts'
import type { FormName } from '../forms.ts'
import type { HeaderName } from '../headers.ts'
import type { SchemaName } from '../schemas.ts'

interface Example {
  readonly summary: string
  readonly value: object
}

interface Answer {
  readonly description: string
  /** Absent where there is no body. */
  readonly content?: Content
  /** Operations that a field or header of the answer leads to, by their id: the name of their path parameter. */
  readonly links?: Readonly<Record<string, { readonly id: string }>>
}

/** Something that is asked for beside the body. */
export interface ParameterNotes {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly description: string
  /** A value that works. */
  readonly example?: string
  /** Whether it must be given; a part of the path always must. */
  readonly required?: true
  /** Whether it is a number. */
  readonly whole?: true
  readonly values?: readonly string[]
}

/** What the documentation says about one operation, wherever it is served. */
export interface OperationNotes {
  readonly id: string
  readonly summary: string
  readonly description: string
  readonly parameters?: readonly ParameterNotes[]
  /** Headers of its requests that say something to plugins. */
  readonly sent?: readonly ParameterNotes[]
  /** The component of its JSON body. */
  readonly request?: SchemaName
  /** JSON bodies to send; the first is the one to try. */
  readonly examples?: Readonly<Record<string, Example>>
  /** Other bodies that it takes. */
  readonly otherBodies?: Content
  readonly answer: Answer
  /** More answers that are no errors, by status. */
  readonly otherwise?: Readonly<Record<string, Answer>>
  /** HTTP statuses of its errors; without them it has none. */
  readonly refusals?: readonly number[]
  /** Headers of its answers, beside the request’s id. */
  readonly headers: readonly HeaderName[]
}

/** Where a family of operations is served, and what is different there. */
export interface Place {
  readonly tag: string
  /** What ids begin with. */
  readonly id: string
  readonly form: FormName
  /** Headers that all answers have there. */
  readonly headers?: readonly HeaderName[]
}

/** Operations that are served together. */
export interface Family {
  /** By what paths begin with. */
  readonly places: Readonly<Record<string, Place>>
  /** By method and the rest of the path. */
  readonly operations: Readonly<Record<string, OperationNotes>>
}

/** Statuses of errors of operations that ask a provider, and of others. */
export const inference = [400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504, 529] as const
export const listing = [400, 401, 403, 429, 500] as const
export const finding = [401, 403, 404, 429, 500] as const

/** Headers of answers that ask a provider, and of others. */
export const asked = [
  'x-generation-id',
  'x-sluice-attempts',
  'x-sluice-provider',
  'x-sluice-model',
  'x-sluice-warnings',
] as const
/** The same where the plugin `cache` keeps what is answered. */
export const cached = [
  ...asked,
  'x-openrouter-cache-status',
  'x-openrouter-cache-age',
  'x-openrouter-cache-ttl',
  'x-openrouter-cache-source-id',
  'x-sluice-cache',
] as const
export const read = ['x-generation-id', 'x-sluice-version'] as const
export const own = ['x-sluice-version'] as const

export const modelHelp =
  '`model` is a route of the configuration or `provider/model`. `demo/demo` always works and answers with what a provider would get.'
