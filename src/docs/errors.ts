import { STATUS_CODES } from 'node:http'
import { GatewayError } from '../errors.ts'
import { kinds, type ErrorCode } from '../errors/kinds.ts'
import { toOpenAIError } from '../surfaces/openai-error.ts'
import type { Wire } from '../surfaces/surface.ts'
import { headerRefs } from './headers.ts'
import { schemaRef } from './schemas.ts'

type Codes = Wire['codes']

/** No operation answers with them: another method was asked for, or nobody is left to answer. */
const unseen = new Set<number>([405, 408, 499])

const codes = Object.keys(kinds) as ErrorCode[]
const statuses = [...new Set(codes.map((code) => kinds[code].status))]
  .filter((status) => !unseen.has(status))
  .sort((one, other) => one - other)

const nameOf = (status: number | 'default', form: Codes): string => {
  const name = status === 'default' ? 'Error' : (STATUS_CODES[status] ?? `Status${status}`)
  return `${form === 'status' ? 'OpenRouter' : ''}${name.replaceAll(/[^A-Za-z0-9]/g, '')}`
}

const headers = headerRefs([
  'x-request-id',
  'x-generation-id',
  'x-sluice-attempts',
  'x-should-retry',
  'retry-after',
  'retry-after-ms',
])

const bodyOf = (code: ErrorCode, form: Codes) =>
  toOpenAIError(new GatewayError(code), {
    id: 'gen-5f0c7d6e9b3a4c218f6d2e1b0a9c8d7e',
    requestId: 'req_0a1b2c3d4e5f60718293a4b5c6d7e8f9',
    codes: form,
  })

const responseFor = (status: number, form: Codes) => {
  const here = codes.filter((code) => kinds[code].status === status)
  const lines = here.map(
    (code) => `- \`${bodyOf(code, 'name').error.code}\`: ${kinds[code].message}`,
  )
  const examples = here.map((code) => [
    code,
    { summary: kinds[code].message, value: bodyOf(code, form) },
  ])
  return {
    description: lines.join('\n'),
    headers,
    content: {
      'application/json': {
        schema: schemaRef('Error'),
        examples: Object.fromEntries(examples),
      },
    },
  }
}

/** `components.responses`: one for each status, twice, for the two ways of writing `code`. */
export const componentResponses = () =>
  Object.fromEntries(
    (['name', 'status'] as const).flatMap((form) => [
      ...statuses.map((status) => [nameOf(status, form), responseFor(status, form)] as const),
      [
        nameOf('default', form),
        {
          description: 'Any other error. All errors have this shape and these headers.',
          headers,
          content: { 'application/json': { schema: schemaRef('Error') } },
        },
      ] as const,
    ]),
  )

/** The responses of an operation that may be refused with these statuses. */
export const refusals = (these: readonly number[], form: Codes) =>
  Object.fromEntries(
    [...these, 'default' as const].map((status) => [
      String(status),
      { $ref: `#/components/responses/${nameOf(status, form)}` },
    ]),
  )
