import { expect, test } from 'bun:test'
import { classify, classifyThrown } from '../../src/errors/classify.ts'

const openAI = (code: unknown = null, type: unknown = 'x', message: unknown = 'No.') => ({
  error: { message, type, param: null, code },
})

/** The catalogue's rows F07–F18, F20 and F26: what a provider says, and what it is here. */
test.each([
  [301, undefined, 'upstream_redirect', 502, false],
  [400, openAI(), 'invalid_request_error', 400, false],
  [400, openAI('context_length_exceeded'), 'context_length_exceeded', 400, false],
  [
    400,
    openAI(null, null, 'prompt is too long: 9 tokens > 8'),
    'context_length_exceeded',
    400,
    false,
  ],
  [400, openAI(null, null, 'maximum context length is 8'), 'context_length_exceeded', 400, false],
  [400, openAI('content_policy_violation'), 'content_policy_violation', 400, false],
  [400, openAI('content_filter'), 'content_policy_violation', 400, false],
  [401, openAI('invalid_api_key'), 'upstream_auth_failed', 502, false],
  [402, openAI(), 'provider_quota_exhausted', 503, false],
  [403, openAI(), 'upstream_auth_failed', 502, false],
  [404, openAI('model_not_found'), 'upstream_model_not_found', 404, false],
  [408, undefined, 'upstream_busy', 503, true],
  [409, undefined, 'upstream_busy', 503, true],
  [413, openAI(), 'payload_too_large', 413, false],
  [422, openAI(), 'invalid_request_error', 400, false],
  [425, undefined, 'upstream_busy', 503, true],
  [429, openAI(), 'rate_limit_exceeded', 429, true],
  [429, openAI('insufficient_quota'), 'provider_quota_exhausted', 503, false],
  [429, openAI(null, 'insufficient_quota'), 'provider_quota_exhausted', 503, false],
  [429, openAI('enforced_spend_limit_reached'), 'provider_quota_exhausted', 503, false],
  [500, openAI(), 'upstream_error', 502, true],
  [502, 'Bad Gateway', 'upstream_error', 502, true],
  [503, undefined, 'upstream_error', 502, true],
  [504, undefined, 'upstream_error', 502, true],
  [522, undefined, 'upstream_timeout', 504, false],
  [524, undefined, 'upstream_timeout', 504, false],
  [529, undefined, 'provider_overloaded', 503, true],
] as const)('%i %j is %s', (status, body, code, ours, retryable) => {
  const error = classify({ status, body })
  expect(error).toMatchObject({ code, status: ours, retryable })
  expect(error.details.upstreamStatus).toBe(status)
})

test.each([
  [openAI(429), 'rate_limit_exceeded'],
  [openAI(503), 'upstream_error'],
  [openAI(400), 'invalid_request_error'],
  [openAI('rate_limit_exceeded'), 'rate_limit_exceeded'],
  [openAI(null, 'rate_limit_error'), 'rate_limit_exceeded'],
  [openAI(null, 'overloaded_error'), 'provider_overloaded'],
  [openAI(null, 'authentication_error'), 'upstream_auth_failed'],
  [openAI(null, 'billing_error'), 'provider_quota_exhausted'],
  [openAI(null, 'not_found_error'), 'upstream_model_not_found'],
  [openAI('context_length_exceeded', 'invalid_request_error'), 'context_length_exceeded'],
  [openAI(null, 'server_error'), 'upstream_error'],
  [openAI(0), 'upstream_error'],
  [{ error: 'busy' }, 'upstream_error'],
  [{ error: {} }, 'upstream_error'],
] as const)('an error that comes with 200 is what its own name says: %j is %s', (body, code) => {
  expect(classify({ status: 200, body }).code).toBe(code)
})

test('an empty account that comes with 200 is known by its name too', () => {
  // F20 "mapped by its code as if it were the status": the quota names are missing in statusByName
  for (const name of ['insufficient_quota', 'billing_hard_limit_reached'])
    expect(classify({ status: 200, body: openAI(name, name) }).code).toBe(
      'provider_quota_exhausted',
    )
})

test('a prompt that is too long is known by its code alone', () => {
  expect(classify({ status: 200, body: openAI('context_length_exceeded', null) }).code).toBe(
    'context_length_exceeded',
  )
})

test('what a provider says of the client’s own request keeps its words', () => {
  const body = {
    error: {
      message: 'Bad image.',
      type: 'image_error',
      param: 'messages[0]',
      code: 'invalid_image',
    },
  }
  expect(classify({ status: 400, body }).details).toMatchObject({
    message: 'Bad image.',
    param: 'messages[0]',
    wireCode: 'invalid_image',
    wireType: 'image_error',
  })
})

test('what it says of our key, our account or itself does not', () => {
  const body = openAI('x', 'y', 'Your key sk-SECRET at http://10.0.0.1 is wrong')
  for (const status of [301, 401, 402, 403, 404, 408, 413, 429, 500, 503, 524, 529])
    expect(classify({ status, body }).message).not.toMatch(/SECRET|10\.0\.0\.1/)
})

test.each([
  [[openAI()], 'No.'],
  [{ message: 'No.' }, 'No.'],
  [{ error: 'No.' }, 'No.'],
  [{ error: { message: ['No.'] } }, 'The request is not valid.'],
  [{ error: null }, 'The request is not valid.'],
  [null, 'The request is not valid.'],
  ['No.', 'No.'],
  [[], 'The request is not valid.'],
])('the message is found wherever providers put it: %j', (body, message) => {
  expect(classify({ status: 400, body }).message).toBe(message)
})

test('time to wait is told for a full queue and an empty account', () => {
  const headers = new Headers({ 'retry-after': '7' })
  for (const status of [429, 529]) expect(classify({ status, headers }).retryAfter).toBe(7)
  expect(classify({ status: 429 }).retryAfter).toBe(5)
  expect(classify({ status: 529 }).retryAfter).toBe(5)
})

test('time to wait is told for a service that is unavailable', () => {
  // RFC 9110 10.2.3: 503 is what Retry-After is for; the issue says "honours Retry-After"
  const headers = new Headers({ 'retry-after': '7' })
  expect(classify({ status: 503, headers }).retryAfter).toBe(7)
})

const thrown = (code: string) => Object.assign(new Error('SECRET'), { code })

test.each([
  ['ECONNREFUSED', 'upstream_unreachable'],
  ['ENOTFOUND', 'upstream_unreachable'],
  ['FailedToOpenSocket', 'upstream_unreachable'],
  ['ETIMEDOUT', 'upstream_connect_timeout'],
  ['CERT_HAS_EXPIRED', 'upstream_tls_error'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'upstream_tls_error'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'upstream_tls_error'],
  ['ZlibError', 'upstream_invalid_response'],
] as const)('what fetch throws as %s is %s, however far it came', (code, expected) => {
  for (const stage of ['sent', 'headed', 'spoken'] as const)
    expect(classifyThrown(thrown(code), stage).code).toBe(expected)
})

test('a broken connection is told by how far it came', () => {
  for (const code of ['ECONNRESET', 'ConnectionClosed', 'EPIPE']) {
    expect(classifyThrown(thrown(code), 'sent').code).toBe('upstream_reset')
    expect(classifyThrown(thrown(code), 'headed').code).toBe('upstream_invalid_response')
    expect(classifyThrown(thrown(code), 'spoken').code).toBe('upstream_disconnected')
  }
})

test('anything else is an answer that could not be understood, or one that broke off', () => {
  for (const odd of [new TypeError('x'), 'text', null, undefined, 5]) {
    expect(classifyThrown(odd, 'sent').code).toBe('upstream_invalid_response')
    expect(classifyThrown(odd, 'spoken').code).toBe('upstream_disconnected')
  }
})

test('the cause keeps the words, the message does not', () => {
  const error = classifyThrown(thrown('ECONNRESET'), 'sent')
  expect(error.message).not.toContain('SECRET')
  expect(String(error.cause)).toContain('SECRET')
})
