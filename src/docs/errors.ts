import { STATUS_CODES } from 'node:http'
import { GatewayError } from '../errors.ts'
import { kinds, type ErrorCode } from '../errors/kinds.ts'
import { forms, type ErrorForm, type FormName } from './forms.ts'
import { headerRefs } from './headers.ts'
import { schemaRef } from './schemas.ts'

/** No operation answers with them: another method was asked for, or nobody is left to answer. */
const unseen = new Set<number>([405, 408, 499])

const codes = Object.keys(kinds) as ErrorCode[]

const formNames = Object.keys(forms) as FormName[]

const statusOf = (code: ErrorCode, { status }: ErrorForm): number =>
  status?.(new GatewayError(code)) ?? kinds[code].status

const statusesIn = (form: ErrorForm): readonly number[] =>
  [...new Set(codes.map((code) => statusOf(code, form)))]
    .filter((status) => !unseen.has(status))
    .sort((one, other) => one - other)

/** What HTTP has no name for. */
const otherNames: Readonly<Record<number, string>> = { 529: 'Overloaded' }

const nameOf = (status: number | 'default', form: FormName): string => {
  const name =
    status === 'default'
      ? 'Error'
      : (otherNames[status] ?? STATUS_CODES[status] ?? `Status${status}`)
  return `${form}${name.replaceAll(/[^A-Za-z0-9]/g, '')}`
}

const headersOf = ({ headers }: ErrorForm, status?: number) =>
  headerRefs([
    ...(headers ?? []),
    'x-request-id',
    'x-generation-id',
    'x-sluice-attempts',
    'x-should-retry',
    'retry-after',
    'retry-after-ms',
    ...(status === 429
      ? (['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset'] as const)
      : []),
  ])

const wireOf = ({ codes }: ErrorForm) => ({
  id: 'gen-5f0c7d6e9b3a4c218f6d2e1b0a9c8d7e',
  requestId: 'req_0a1b2c3d4e5f60718293a4b5c6d7e8f9',
  codes,
})

const lineOf = (code: ErrorCode, form: ErrorForm): string => {
  const name = form.named?.(new GatewayError(code), wireOf(form))
  return `- ${name === undefined ? '' : `\`${name}\`: `}${kinds[code].message}`
}

const responseFor = (status: number, form: ErrorForm) => {
  const here = codes.filter((code) => statusOf(code, form) === status)
  const examples = here.map((code) => [
    code,
    { summary: kinds[code].message, value: form.error(new GatewayError(code), wireOf(form)) },
  ])
  return {
    description: here.map((code) => lineOf(code, form)).join('\n'),
    headers: headersOf(form, status),
    content: {
      'application/json': {
        schema: schemaRef(form.schema),
        examples: Object.fromEntries(examples),
      },
    },
  }
}

/** An error that has nearly everything to say. */
const busy = new GatewayError('rate_limit_exceeded', {
  provider: 'demo',
  attempts: [{ provider: 'demo', model: 'demo', status: 429, code: 'rate_limit_exceeded', ms: 12 }],
})

const anyOther = (form: ErrorForm) => ({
  description: 'Any other error. All errors have this shape and these headers.',
  headers: headersOf(form),
  content: {
    'application/json': {
      schema: schemaRef(form.schema),
      example: form.error(busy, wireOf(form)),
    },
  },
})

/** `components.responses`: one for each status in each form. */
export const componentResponses = () =>
  Object.fromEntries(
    formNames.flatMap((name) => {
      const form: ErrorForm = forms[name]
      return [
        ...statusesIn(form).map(
          (status) => [nameOf(status, name), responseFor(status, form)] as const,
        ),
        [nameOf('default', name), anyOther(form)] as const,
      ]
    }),
  )

/** The responses of an operation that may be refused with these statuses, so far as the form has them. */
export const refusals = (these: readonly number[], form: FormName) => {
  const known = statusesIn(forms[form])
  return Object.fromEntries(
    [...these.filter((status) => known.includes(status)), 'default' as const].map((status) => [
      String(status),
      { $ref: `#/components/responses/${nameOf(status, form)}` },
    ]),
  )
}
