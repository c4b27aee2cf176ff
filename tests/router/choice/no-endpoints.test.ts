import { describe, expect, test } from 'bun:test'
import { toNoEndpoints } from '../../../src/router/choice/no-endpoints.ts'
import { filters, type Excluded, type Filter } from '../../../src/router/plan.ts'

const out = (id: string, by: Filter, detail: string): Excluded => {
  const slash = id.indexOf('/')
  const endpoint = { provider: id.slice(0, slash), model: id.slice(slash + 1) }
  return { model: 'openai/gpt-4o', endpoint, by, detail }
}

const dear = out(
  'openai/gpt-4o',
  'max_price',
  'provider.max_price.prompt is 1, and it costs $2.5 a million tokens',
)
const unnamed = (id: string) => out(id, 'allowed_providers', 'provider.only is [groq]')
const messageOf = (requested: string[], excluded: Excluded[]) =>
  toNoEndpoints(requested, excluded).message

describe('the words of an error about no endpoint', () => {
  const cases: [string, string[], Excluded[], string][] = [
    [
      'name the one filter',
      ['openai/gpt-4o'],
      [dear],
      'No endpoint of openai/gpt-4o is left: openai/gpt-4o is out because provider.max_price.prompt is 1, and it costs $2.5 a million tokens.',
    ],
    [
      'name each filter once',
      ['openai/gpt-4o'],
      [unnamed('azure/gpt-4o'), dear],
      'No endpoint of openai/gpt-4o is left: azure/gpt-4o is out because provider.only is [groq]; openai/gpt-4o because provider.max_price.prompt is 1, and it costs $2.5 a million tokens.',
    ],
    [
      'put together what one filter removed, the greatest part first',
      ['openai/gpt-4o'],
      [dear, unnamed('azure/gpt-4o'), unnamed('box/gpt-4o')],
      'No endpoint of openai/gpt-4o is left: azure/gpt-4o and box/gpt-4o are out because provider.only is [groq]; openai/gpt-4o because provider.max_price.prompt is 1, and it costs $2.5 a million tokens.',
    ],
    [
      'count what they do not list',
      ['openai/gpt-4o'],
      ['a/m', 'b/m', 'c/m', 'd/m', 'e/m'].map(unnamed),
      'No endpoint of openai/gpt-4o is left: a/m, b/m, c/m and 2 more are out because provider.only is [groq].',
    ],
    [
      'name an endpoint once that two models would have used',
      ['one', 'two'],
      [unnamed('azure/gpt-4o'), { ...unnamed('azure/gpt-4o'), model: 'two' }],
      'No endpoint of one or two is left: azure/gpt-4o is out because provider.only is [groq].',
    ],
    [
      'say what they can about several models',
      ['a', 'b', 'c'],
      [],
      'No endpoint of a, b or c is left.',
    ],
    ['count models too', ['a', 'b', 'c', 'd'], [], 'No endpoint of a, b, c or 1 more is left.'],
  ]
  for (const [name, requested, excluded, words] of cases)
    test(name, () => expect(messageOf(requested, excluded)).toBe(words))

  test('stay short, whatever clients and configurations write', () => {
    const excluded = Array.from({ length: 5_000 }, (_, at) =>
      out(`${'p'.repeat(500)}${at}/${'m'.repeat(500)}`, 'max_price', `${at} ${'x'.repeat(5_000)}`),
    )
    const error = toNoEndpoints(Array(32).fill('m'.repeat(512)), excluded)
    expect(error.message.length).toBeLessThanOrEqual(1_501)
    expect(error.message).toStartWith('No endpoint of mmm')
    expect(JSON.stringify(error.details.availability).length).toBeLessThan(100_000)
  })

  test('count the reasons that they do not give', () => {
    const excluded = Array.from({ length: 9 }, (_, at) =>
      out(`p${at}/m`, 'max_price', `reason ${at}`),
    )
    expect(messageOf(['m'], excluded)).toEndWith('p5/m because reason 5; and 3 more reasons.')
  })
})

describe('the availability of an error about no endpoint', () => {
  test('has all of it', () => {
    const error = toNoEndpoints(['openai/gpt-4o'], [dear, unnamed('azure/gpt-4o')])
    expect([error.code, error.status, error.retryable]).toEqual(['no_endpoints', 404, false])
    expect(error.details.param).toBe('provider.max_price.prompt')
    expect(error.details.availability).toEqual({
      code: 'constraint_filtered',
      retryable: false,
      requested_models: ['openai/gpt-4o'],
      affected_providers: ['openai', 'azure'],
      excluded_by: ['max_price', 'allowed_providers'],
      excluded: [
        { provider: 'openai', model: 'gpt-4o', by: 'max_price', detail: dear.detail },
        {
          provider: 'azure',
          model: 'gpt-4o',
          by: 'allowed_providers',
          detail: 'provider.only is [groq]',
        },
      ],
      constraint: { field: 'provider.max_price.prompt', detail: dear.detail },
    })
  })

  test('is about privacy where nothing else is in the way', () => {
    const zdr = out('a/m', 'data_policy:zdr', 'provider.zdr is set')
    const kept = out('b/m', 'data_policy:training', 'provider.data_collection is deny')
    const codeOf = (...excluded: Excluded[]) =>
      toNoEndpoints(['m'], excluded).details.availability?.code
    expect(codeOf(zdr, kept)).toBe('privacy_restricted')
    expect(codeOf(zdr, dear)).toBe('constraint_filtered')
    expect(codeOf()).toBe('no_endpoints')
  })

  test('knows a field of the request for every filter', () => {
    for (const by of filters)
      expect(
        toNoEndpoints(['m'], [out('a/m', by, 'so it is')]).details.availability?.constraint,
      ).toEqual({ field: expect.stringMatching(/^[a-z_.]+$/), detail: 'so it is' })
  })

  test('of a key that may use none of them is a matter of permission', () => {
    const denied = out('a/m', 'model_not_allowed', 'your key may not use it')
    expect(toNoEndpoints(['m'], [denied]).status).toBe(403)
    expect(toNoEndpoints(['m'], [denied, dear]).status).toBe(404)
  })
})
