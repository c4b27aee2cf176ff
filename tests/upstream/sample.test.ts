import { expect, test } from 'bun:test'
import { fakeCall } from 'sluice/testing'
import { hedged } from '../../src/chat.ts'
import type { ProviderConfig } from '../../src/config.ts'
import { GatewayError } from '../../src/errors.ts'
import type { ErrorCode } from '../../src/errors/kinds.ts'
import type { Outcome } from '../../src/upstream/outcome.ts'
import { toSample } from '../../src/upstream/sample.ts'

const answered: Outcome = {
  endpoint: { provider: 'box', model: 'echo' },
  provider: {} as ProviderConfig,
  key: 0,
  complete: true,
  whole: false,
  ms: 1_500,
  first: 500,
  held: 0,
  usage: { prompt_tokens: 1, completion_tokens: 80, total_tokens: 81 },
  reasoned: false,
}

const sampleOf = (outcome: Partial<Outcome> = {}, call = fakeCall()) =>
  toSample(call, { ...answered, ...outcome })

const { first: _first, ...unspoken } = answered
const failure = (code: ErrorCode) => ({
  ...unspoken,
  complete: false,
  usage: undefined,
  error: new GatewayError(code),
})

test('a streamed answer tells its silence, its speech and its tokens', () => {
  expect(sampleOf()).toEqual({ ok: true, first: 500, whole: false, speaking: 1_000, tokens: 80 })
})

test('a whole answer is first heard when it is over', () => {
  expect(sampleOf({ whole: true, first: 1_490 })).toEqual({
    ok: true,
    first: 1_490,
    whole: true,
    tokens: 80,
  })
})

test('reasoning counts as speech only where it was heard', () => {
  const usage = {
    prompt_tokens: 1,
    completion_tokens: 80,
    total_tokens: 81,
    completion_tokens_details: { reasoning_tokens: 60 },
  }
  expect(sampleOf({ usage }).tokens).toBe(20)
  expect(sampleOf({ usage, reasoned: true }).tokens).toBe(80)
  expect(sampleOf({ usage, whole: true }).tokens).toBe(80)
})

test('an answer that the client left waiting says nothing about speed', () => {
  expect(sampleOf({ held: 400 }).tokens).toBe(80)
  expect(sampleOf({ held: 90, ms: 600 }).tokens).toBe(80)
  expect(sampleOf({ held: 600 })).toEqual({ ok: true, first: 500, whole: false })
})

test('what broke off in the middle was heard and failed, and its speed is not known', () => {
  const error = new GatewayError('upstream_disconnected')
  expect(sampleOf({ complete: false, error })).toEqual({ ok: false, first: 500, whole: false })
})

test.each(['upstream_error', 'upstream_unreachable', 'provider_overloaded', 'upstream_timeout'])(
  '%s is a failure',
  (code) => {
    expect(toSample(fakeCall(), failure(code as ErrorCode))).toEqual({ ok: false })
  },
)

test.each([
  'invalid_request_error',
  'context_length_exceeded',
  'client_closed',
  'upstream_auth_failed',
  'provider_quota_exhausted',
])('%s says nothing about the endpoint', (code) => {
  expect(toSample(fakeCall(), failure(code as ErrorCode))).toEqual({})
})

test('a rate limit is no failure', () => {
  expect(toSample(fakeCall(), failure('rate_limit_exceeded'))).toEqual({ limited: true })
})

test('an answer that was given up says nothing while it was silent, and when it spoke after', () => {
  const givenUp = { ...unspoken, complete: false, usage: undefined }
  expect(toSample(fakeCall(), givenUp)).toEqual({})
  expect(sampleOf({ complete: false })).toEqual({ first: 500, whole: false })
})

test('an answer that was given up for a rival’s was silent for so long at least', () => {
  const race = new AbortController()
  const given = { ...unspoken, complete: false, usage: undefined, ms: 700 }
  const call = fakeCall({}, { signal: race.signal })
  expect(toSample(call, given)).toEqual({})
  race.abort(hedged)
  expect(toSample(call, given)).toEqual({ first: 700, whole: false })
})

test('answers without choices have a time and no tokens, and counted tokens are no answer', () => {
  expect(sampleOf({}, fakeCall({}, { operation: 'embeddings' }))).toEqual({
    ok: true,
    first: 500,
    whole: true,
  })
  expect(sampleOf({}, fakeCall({}, { operation: 'count_tokens' }))).toEqual({})
  expect(toSample(fakeCall({}, { operation: 'count_tokens' }), failure('upstream_error'))).toEqual(
    {},
  )
})

test('whether tool calls were sound is told where there were any', () => {
  expect(sampleOf({ tools: false }).tools).toBe(false)
  expect('tools' in sampleOf()).toBe(false)
})
