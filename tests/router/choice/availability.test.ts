import { expect, test } from 'bun:test'
import { attempts, type Call } from '../../../src/chat.ts'
import { GatewayError } from '../../../src/errors.ts'
import { kinds, type ErrorCode } from '../../../src/errors/kinds.ts'
import { Vars } from '../../../src/pipeline.ts'
import { withAvailability } from '../../../src/router/choice/availability.ts'
import { plan, type Plan } from '../../../src/router/plan.ts'

const toCall = (made?: Partial<Plan>, tried: readonly string[] = []): Call => {
  const vars = new Vars()
  if (made) vars.set(plan, { requested: ['one', 'two'], excluded: [], ...made } as Plan)
  for (const id of tried) {
    const [provider = '', model = ''] = id.split('/')
    vars.get(attempts).push({ provider, model, status: 500, code: 'upstream_error', ms: 1 })
  }
  return { request: { model: 'one', models: ['two'] }, vars } as unknown as Call
}

const candidate = (model: string, id: string): any => {
  const [provider, name] = id.split('/')
  return { model, endpoint: { provider, model: name } }
}
const candidates = [candidate('one', 'a/m'), candidate('one', 'b/m'), candidate('two', 'c/n')]

const availabilityOf = (code: ErrorCode, call?: Call) =>
  withAvailability(new GatewayError(code), call).details.availability

/** Mistakes of the request, failures of our own, and clients that are not let in or have left: somebody could answer. */
const silent: readonly ErrorCode[] = [
  'invalid_json',
  'json_too_complex',
  'invalid_request_error',
  'context_length_exceeded',
  'content_policy_violation',
  'invalid_host',
  'host_not_allowed',
  'origin_not_allowed',
  'invalid_api_key',
  'operation_not_supported',
  'model_not_allowed',
  'plugin_not_allowed',
  'guardrail_blocked',
  'recording_not_found',
  'not_found',
  'method_not_allowed',
  'request_timeout',
  'payload_too_large',
  'unsupported_media_type',
  'client_closed',
  'too_many_failures',
  'caller_limit_exceeded',
  'plugin_error',
  'internal_error',
]

test.each(Object.keys(kinds) as ErrorCode[])('%s says whether anybody could answer', (code) => {
  const told = availabilityOf(code, toCall())
  if (silent.includes(code)) return expect(told).toBeUndefined()
  expect(told).toMatchObject({
    retryable: kinds[code].retryable,
    requested_models: code === 'model_not_found' ? [] : ['one', 'two'],
  })
  expect(told?.code).toBe(
    code === 'model_not_found' || code === 'no_endpoints'
      ? code
      : code === 'upstream_model_not_found'
        ? 'model_unavailable_upstream'
        : kinds[code].status === 429 || code === 'provider_quota_exhausted'
          ? 'capacity_exhausted'
          : 'temporarily_unavailable',
  )
})

test('who was tried is affected; models that nobody was asked for are there to fall back on', () => {
  const told = availabilityOf('all_providers_failed', toCall({ candidates }, ['a/m', 'b/m']))
  expect(told).toMatchObject({ affected_providers: ['a', 'b'], fallback_models: ['two'] })
})

test('where nobody was tried, all that were planned are affected', () => {
  const told = availabilityOf('no_healthy_provider', toCall({ candidates }))
  expect(told?.affected_providers).toEqual(['a', 'b', 'c'])
  expect(told?.fallback_models).toBeUndefined()
})

test('filters that took endpoints out are told beside what failed', () => {
  const out = { model: 'one', endpoint: { provider: 'd', model: 'm' }, by: 'max_price' as const }
  const excluded = [{ ...out, detail: 'too dear' }]
  const told = availabilityOf('all_providers_failed', toCall({ candidates, excluded }, ['a/m']))
  expect(told).toMatchObject({
    excluded_by: ['max_price'],
    excluded: [{ provider: 'd', model: 'm', by: 'max_price', detail: 'too dear' }],
  })
})

test('seconds to wait are whole', () => {
  const error = new GatewayError('rate_limit_exceeded', { retryAfter: 1.2 })
  expect(withAvailability(error, toCall()).details.availability?.retry_after).toBe(2)
})

test('what is known already stays, and without a call nothing is made up', () => {
  const availability = { code: 'no_endpoints', retryable: false, requested_models: [] } as const
  const error = new GatewayError('no_endpoints', { availability })
  expect(withAvailability(error, toCall())).toBe(error)
  expect(availabilityOf('overloaded')).toEqual({
    code: 'temporarily_unavailable',
    retryable: true,
    retry_after: 1,
    requested_models: [],
  })
})
