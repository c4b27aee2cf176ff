import { expect, test } from 'bun:test'
import { GatewayError, toGatewayError } from '../src/errors.ts'
import { kinds, type ErrorCode } from '../src/errors/kinds.ts'

const codes = Object.keys(kinds) as ErrorCode[]

test.each(codes)('%s has a status, names and words of its own', (code) => {
  const error = new GatewayError(code)
  expect(error.status).toBeWithin(400, 600)
  expect(error.message).toMatch(/^\p{Lu}.*\.$/u)
  expect(error.type).toMatch(/^[a-z_]+$/)
  expect(error.errorType).toMatch(/^[a-z_]+$/)
  expect(error.name).toBe('GatewayError')
})

test('whose fault it is agrees with the status', () => {
  for (const code of codes) {
    const { fault, status, retryable } = new GatewayError(code)
    if (fault === 'client') expect(status, code).toBeLessThan(500)
    if (fault === 'gateway') expect(status, code).toBeWithin(500, 504)
    if (fault === 'client' && retryable) expect(status, code).toBe(429)
    // a client that saw 401 would throw its own key away
    if (fault === 'key' || fault === 'endpoint') expect([401, 403], code).not.toContain(status)
  }
})

test('time to wait is only told where trying again makes sense', () => {
  for (const code of codes) {
    const { retryAfter, retryable } = new GatewayError(code)
    if (retryAfter !== undefined) expect(retryable, code).toBe(true)
  }
})

test('details win over the kind', () => {
  const error = new GatewayError('upstream_error', {
    status: 418,
    message: 'Short and stout.',
    retryable: false,
    retryAfter: 9,
  })
  expect(error).toMatchObject({
    status: 418,
    message: 'Short and stout.',
    retryable: false,
    retryAfter: 9,
    code: 'upstream_error',
  })
})

test('the same failure with more known about it keeps what was known', () => {
  const cause = new Error('boom')
  const first = new GatewayError('upstream_error', { message: 'It broke.', retryAfter: 3, cause })
  const second = first.with({ provider: 'box', retryAfter: 4 })
  expect(second).not.toBe(first)
  expect(second).toMatchObject({ code: 'upstream_error', message: 'It broke.', retryAfter: 4 })
  expect(second.details.provider).toBe('box')
  expect(second.cause).toBe(cause)
  expect(first.details.provider).toBeUndefined()
})

test('what is ours stays as it is', () => {
  const error = new GatewayError('draining')
  expect(toGatewayError(error)).toBe(error)
})

test('anything else that is thrown keeps its words to the log', () => {
  for (const thrown of [new TypeError('SECRET'), 'SECRET', { SECRET: true }, null, undefined]) {
    const error = toGatewayError(thrown)
    expect(error.code).toBe('internal_error')
    expect(error.message).not.toContain('SECRET')
    expect(error.cause).toBe(thrown)
  }
})
