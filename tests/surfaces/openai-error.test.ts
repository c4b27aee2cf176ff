import { expect, test } from 'bun:test'
import { GatewayError } from '../../src/errors.ts'
import { kinds, type ErrorCode } from '../../src/errors/kinds.ts'
import { toOpenAIError } from '../../src/surfaces/openai-error.ts'

const named = { id: 'gen-1', requestId: 'req_1', codes: 'name' } as const
const numbered = { ...named, codes: 'status' } as const

test.each(Object.keys(kinds) as ErrorCode[])('%s has OpenAI’s shape', (code) => {
  expect(toOpenAIError(new GatewayError(code), named)).toEqual({
    error: {
      message: expect.any(String),
      type: expect.any(String),
      param: null,
      code: code === 'upstream_model_not_found' ? 'model_not_found' : code,
      metadata: { error_type: expect.any(String), request_id: 'req_1' },
    },
  })
})

test('OpenRouter’s clients get the status as the code, and ours beside it', () => {
  const { error } = toOpenAIError(new GatewayError('rate_limit_exceeded'), numbered)
  expect(error.code).toBe(429)
  expect(error.metadata).toMatchObject({ error_code: 'rate_limit_exceeded' })
})

test('a word of the provider’s that clients know replaces ours', () => {
  const error = new GatewayError('invalid_request_error', {
    wireCode: 'invalid_image',
    wireType: 'image_error',
    param: 'messages[0]',
  })
  expect(toOpenAIError(error, named).error).toMatchObject({
    code: 'invalid_image',
    type: 'image_error',
    param: 'messages[0]',
  })
})

test('attempts, provider and facts are told, causes and stacks are not', () => {
  const attempts = [{ provider: 'a', model: 'm', status: 500, code: 'upstream_error', ms: 3 }]
  const error = new GatewayError('all_providers_failed', {
    provider: 'a',
    attempts,
    metadata: { plugin: 'p' },
    cause: new Error('SECRET'),
  })
  const written = JSON.stringify(toOpenAIError(error, named))
  expect(JSON.parse(written).error.metadata).toEqual({
    error_type: 'provider_unavailable',
    provider: 'a',
    attempts,
    plugin: 'p',
    request_id: 'req_1',
  })
  expect(written).not.toContain('SECRET')
  expect(written).not.toContain('.ts')
})

test('no attempts are no list', () => {
  const error = new GatewayError('invalid_json', { attempts: [] })
  expect(toOpenAIError(error, named).error.metadata).not.toHaveProperty('attempts')
})
