import { expect, test } from 'bun:test'
import { classify } from '../../src/errors/classify.ts'

const said = (code: number, status: string, message: string, details: readonly object[] = []) => ({
  status: code,
  body: { error: { code, status, message, details } },
})

test('a key that Google refuses with 400 is the key’s fault', () => {
  for (const message of [
    'API key not valid. Please pass a valid API key.',
    'API Key not found. Please pass a valid API key.',
    'API key expired. Please renew the API key.',
  ]) {
    const error = classify(said(400, 'INVALID_ARGUMENT', message))
    expect(error).toMatchObject({ code: 'upstream_auth_failed', fault: 'key' })
    expect(error.message).not.toBe(message)
  }
})

test('a prompt that is too long is called that', () => {
  const message =
    'The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).'
  const error = classify(said(400, 'INVALID_ARGUMENT', message))
  expect(error).toMatchObject({ code: 'context_length_exceeded', message })
})

test('Google says in the body when to come again', () => {
  const info = (retryDelay: string) => [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [] },
    { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay },
  ]
  const exhausted = (delay: string) =>
    classify(said(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded.', info(delay)))
  expect(exhausted('17s')).toMatchObject({ code: 'rate_limit_exceeded', retryAfter: 17 })
  expect(exhausted('2.5s').retryAfter).toBe(2.5)
  expect(exhausted('3600s').retryAfter).toBe(60)
  expect(exhausted('soon').retryAfter).toBe(5)
  const headers = new Headers({ 'retry-after': '9' })
  const both = { ...said(429, 'RESOURCE_EXHAUSTED', 'Quota.', info('17s')), headers }
  expect(classify(both).retryAfter).toBe(9)
})

test.each([
  ['RESOURCE_EXHAUSTED', 'rate_limit_exceeded'],
  ['UNAVAILABLE', 'upstream_error'],
  ['UNAUTHENTICATED', 'upstream_auth_failed'],
  ['PERMISSION_DENIED', 'upstream_auth_failed'],
  ['NOT_FOUND', 'upstream_model_not_found'],
  ['INVALID_ARGUMENT', 'invalid_request_error'],
] as const)('in a stream, %s is enough to tell what it is', (status, code) => {
  const error = classify({ status: 200, body: [{ error: { status, message: 'x' } }] })
  expect(error.code).toBe(code)
})
