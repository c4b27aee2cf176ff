import { describe, expect, test } from 'bun:test'
import type { Facts } from '../../../src/catalog/facts.ts'
import { keeps } from '../../../src/catalog/listing/keeps.ts'
import { readListQuery } from '../../../src/catalog/listing/list-query.ts'
import { ordered } from '../../../src/catalog/listing/ordered.ts'
import { toModel, type Model } from '../../../src/catalog/model.ts'
import { GatewayError } from '../../../src/errors.ts'
import { measured } from '../../router/targets.ts'
import { configOf } from '../config.ts'

const now = Date.parse('2026-11-24T00:00:00Z')
const daysAgo = (days: number) => now / 1_000 - days * 86_400

const { providers } = configOf({
  openai: { api_key: 'k' },
  vertex: {
    preset: 'vertex',
    api_key: 'k',
    base_url: 'https://v.example',
    tag: 'google-vertex/us',
  },
  safe: { base_url: 'https://safe.example', api_key: 'k', zdr: true },
})

const stats = measured({
  'openai/gpt': { latency: 2, throughput: 40, tools: 0.9 },
  'safe/gpt': { latency: 0.5, throughput: 20, tools: 0.99 },
  'vertex/gemini': { latency: 1, throughput: 90, tools: 0.5 },
})

const model = (id: string, facts: Facts, ...more: string[]): Model =>
  toModel(
    id,
    'sluice',
    [id, ...more].map((endpoint, index) => {
      const [provider = '', ...name] = endpoint.split('/')
      return { provider, model: name.join('/'), facts: index === 0 ? facts : {} }
    }),
  )

const models = [
  model(
    'openai/gpt',
    {
      name: 'The Big One',
      context_length: 400_000,
      created: daysAgo(10),
      input_modalities: ['text', 'image'],
      supported_parameters: ['tools', 'temperature'],
      pricing: { prompt: 1.25, completion: 10 },
    },
    'safe/gpt',
  ),
  model('vertex/gemini', {
    context_length: 1_000_000,
    created: daysAgo(300),
    input_modalities: ['text', 'image', 'audio'],
    supported_parameters: ['tools', 'reasoning'],
    pricing: { prompt: 0.3, completion: 2.5 },
    distillable: false,
  }),
  model('safe/meta-llama/llama-3-8b', {
    context_length: 8_192,
    pricing: { prompt: 0, completion: 0 },
    distillable: true,
    family: 'llama-3',
  }),
  model('openai/embed', { output_modalities: ['embeddings'], pricing: { prompt: 0.02 } }),
]

const found = (query: string, outputs = 'all'): string[] => {
  const wanted = readListQuery(new URLSearchParams(query), outputs)
  const known = { providers, stats, now }
  return ordered(
    models.filter((one) => keeps(wanted, one, known)),
    wanted.sort,
    known,
  ).map(({ id }) => id)
}

const [gpt, gemini, llama, embed] = models.map(({ id }) => id) as [string, string, string, string]

describe('models are chosen by', () => {
  test.each<[query: string, ids: string[]]>([
    ['', [gpt, gemini, llama, embed]],
    ['q=GEMINI', [gemini]],
    ['q=big+gpt', [gpt]],
    ['q=', [gpt, gemini, llama, embed]],
    ['q=nothing', []],
    ['output_modalities=text', [gpt, gemini, llama]],
    ['output_modalities=embeddings', [embed]],
    ['output_modalities=embeddings,text', [gpt, gemini, llama, embed]],
    ['output_modalities=all', [gpt, gemini, llama, embed]],
    ['input_modalities=image', [gpt, gemini]],
    ['input_modalities=image,audio', [gemini]],
    ['supported_parameters=tools', [gpt, gemini]],
    ['supported_parameters=tools,reasoning', [gemini]],
    ['context=400000', [gpt, gemini]],
    ['context=400001', [gemini]],
    ['min_price=0.3', [gpt, gemini]],
    ['max_price=0.3', [gemini, llama, embed]],
    ['max_price=0', [llama]],
    ['min_price=0.1&max_price=1', [gemini]],
    ['min_output_price=2.5', [gpt, gemini]],
    // nobody knows what its answers cost: not even that it is within any price
    ['max_output_price=1000', [gpt, gemini, llama]],
    ['model_authors=openai', [gpt, embed]],
    ['model_authors=meta-llama', [llama]],
    ['model_authors=OpenAI,Meta-Llama', [gpt, llama, embed]],
    ['providers=safe', [gpt, llama]],
    ['providers=google-vertex', [gemini]],
    ['providers=OPENAI,vertex', [gpt, gemini, embed]],
    ['zdr=true', [gpt, llama]],
    ['zdr=false', [gpt, gemini, llama, embed]],
    ['distillable=true', [llama]],
    ['distillable=false', [gpt, gemini, embed]],
    ['min_age_days=100', [gemini]],
    ['max_age_days=10', [gpt]],
    ['min_age_days=10&max_age_days=300', [gpt, gemini]],
    ['arch=GPT', [gpt]],
    ['arch=llama', [llama]],
    ['arch=Llama3', [llama]],
    ['arch=gemini', [gemini]],
    ['min_tool_success_rate=0.95', [gpt]],
    ['max_tool_success_rate=0.9', [gemini]],
    ['zdr=true&q=llama', [llama]],
    ['use_rss=true&category=programming&region=eu', [gpt, gemini, llama, embed]],
  ])('%s', (query, ids) => {
    expect(found(query)).toEqual(ids)
  })

  test('what they make, text where the list says so', () => {
    expect(found('', 'text')).toEqual([gpt, gemini, llama])
    expect(found('output_modalities=all', 'text')).toEqual([gpt, gemini, llama, embed])
  })
})

describe('models are listed by', () => {
  test.each<[order: string, ids: string[]]>([
    ['newest', [gpt, gemini, llama, embed]],
    ['pricing-low-to-high', [llama, gemini, gpt, embed]],
    ['pricing-high-to-low', [gpt, gemini, llama, embed]],
    ['context-high-to-low', [gemini, gpt, llama, embed]],
    ['throughput-high-to-low', [gemini, gpt, llama, embed]],
    ['latency-low-to-high', [gpt, gemini, llama, embed]],
    ['most-popular', [gpt, gemini, llama, embed]],
    ['top-weekly', [gpt, gemini, llama, embed]],
    ['intelligence-high-to-low', [gpt, gemini, llama, embed]],
    ['design-arena-elo-high-to-low', [gpt, gemini, llama, embed]],
  ])('%s', (order, ids) => {
    expect(found(`sort=${order}`)).toEqual(ids)
  })
})

const refusal = (query: string): GatewayError => {
  try {
    readListQuery(new URLSearchParams(query), 'all')
  } catch (error) {
    return error as GatewayError
  }
  throw new Error('it was read')
}

test.each([
  ['sort=newset', 'sort', 'sort: expected one of newest, '],
  ['sort=newset', 'sort', 'did you mean newest?'],
  ['max_price=cheap', 'max_price', 'max_price: expected a number from 0.'],
  ['min_price=-1', 'min_price', 'min_price: expected a number from 0.'],
  ['min_output_price=1e3', 'min_output_price', 'expected a number from 0'],
  ['context=0', 'context', 'context: expected a whole number from 1.'],
  ['context=1.5', 'context', 'context: expected a whole number from 1.'],
  ['max_age_days=1.5', 'max_age_days', 'expected a whole number from 0'],
  ['min_tool_success_rate=90', 'min_tool_success_rate', 'expected a number from 0 to 1'],
  ['zdr=yes', 'zdr', 'zdr: expected true or false.'],
  ['distillable=1', 'distillable', 'expected true or false'],
  ['min_price=2&max_price=1', 'min_price', 'min_price: expected no more than max_price.'],
])('%s is refused', (query, param, message) => {
  const error = refusal(query)
  expect([error.code, error.details.param]).toEqual(['invalid_request_error', param])
  expect(error.message).toContain(message)
})
