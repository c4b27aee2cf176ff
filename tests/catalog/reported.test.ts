import { describe, expect, test } from 'bun:test'
import { reportedFacts } from '../../src/catalog/reported-facts.ts'
import { reportedPricing } from '../../src/catalog/reported-pricing.ts'
import { configOf } from './config.ts'

const provider = configOf({ p: { base_url: 'https://llm.example.com', api_key: 'k' } })
const factsOf = (fields: object) =>
  reportedFacts(provider.providers.get('p')!, { id: 'm', ...fields })
const priceOf = (fields: object) => reportedPricing({ id: 'm', ...fields })

describe('prices that a provider tells', () => {
  test('of a token, in OpenRouter’s texts, become those of a million', () => {
    const pricing = {
      prompt: '0.00000125',
      completion: '0.00001',
      request: '0.005',
      image: '0.00516',
      web_search: '0.01',
      internal_reasoning: '0.000012',
      input_cache_read: '0.000000125',
      input_cache_write: '0.0000015625',
      input_cache_write_1h: '0.0000025',
      audio: '0.00004',
      audio_output: '0.00008',
      input_audio_cache: '0.00000032',
      image_token: '0.000008',
      image_output: '0.00003',
      discount: 0,
      overrides: [
        { min_prompt_tokens: 200_000, prompt: '0.0000025', completion: '0.000015' },
        { utc_start: 1630, utc_end: 30, utc_days: ['monday', 'noday'], prompt: '0.000001' },
      ],
    }
    expect(priceOf({ pricing })).toEqual({
      prompt: 1.25,
      completion: 10,
      request: 0.005,
      image: 0.00516,
      web_search: 0.01,
      internal_reasoning: 12,
      input_cache_read: 0.125,
      input_cache_write: 1.5625,
      input_cache_write_1h: 2.5,
      audio: 40,
      audio_output: 80,
      input_audio_cache: 0.32,
      image_token: 8,
      image_output: 30,
      overrides: [
        { min_prompt_tokens: 200_000, prompt: 2.5, completion: 15 },
        { utc_start: 1630, utc_end: 30, utc_days: ['monday'], prompt: 1 },
      ],
    })
  })

  test.each([
    ['numbers of a token', { input: 3e-6, output: 1.5e-5 }, { prompt: 3, completion: 15 }],
    ['numbers of a million', { input: 0.18, output: 0.59 }, { prompt: 0.18, completion: 0.59 }],
    ['texts of a million', { prompt: '0.2', completion: '0' }, { prompt: 0.2, completion: 0 }],
    ['nothing to pay', { prompt: '0', completion: '0' }, { prompt: 0, completion: 0 }],
  ])('are understood as %s', (_, pricing, rates) => {
    expect(priceOf({ pricing })).toEqual(rates)
  })

  test.each([
    ['that are not fixed', { prompt: '-1', completion: '-1' }],
    ['that are no numbers', { prompt: 'free', completion: '', request: null }],
    ['for machines by the hour', { hourly: 0, input: 0, output: 0, base: 0, finetune: 0 }],
    ['without end', { prompt: Number.POSITIVE_INFINITY }],
    ['of which there are none', {}],
    ['in no object', 'cheap'],
  ])('%s are unknown, and not 0', (_, pricing) => {
    expect(priceOf({ pricing })).toBeUndefined()
  })

  test('may stand in other places and units', () => {
    const metadata = {
      pricing: { input_tokens: 0.03, output_tokens: 0.05, cache_read_tokens: 0.01 },
    }
    expect(priceOf({ metadata })).toEqual({
      prompt: 0.03,
      completion: 0.05,
      input_cache_read: 0.01,
    })
    const spec = { pricing: { input: { usd: 0.7, diem: 7 }, output: { usd: 2.8 } } }
    expect(priceOf({ model_spec: spec })).toEqual({ prompt: 0.7, completion: 2.8 })
    const perM = { input_token_price_per_m: 3_900, output_token_price_per_m: 4_000 }
    expect(priceOf(perM)).toEqual({ prompt: 0.39, completion: 0.4 })
  })
})

describe('what a provider tells of a model', () => {
  test('in OpenRouter’s words is all kept', () => {
    const facts = factsOf({
      name: 'Maker: Model',
      description: 'Good.',
      created: 1_700_000_000,
      context_length: 200_000,
      hugging_face_id: 'maker/model',
      architecture: {
        input_modalities: ['text', 'image'],
        output_modalities: ['text'],
        tokenizer: 'Claude',
      },
      top_provider: { context_length: 100, max_completion_tokens: 64_000, is_moderated: false },
      supported_parameters: ['tools', 'seed'],
      knowledge_cutoff: '2025-01-31',
      expiration_date: '2026-12-01',
      reasoning: {
        mandatory: true,
        default_effort: 'medium',
        supported_efforts: ['low', 'medium'],
        supports_max_tokens: false,
      },
    })
    expect(facts).toEqual({
      name: 'Maker: Model',
      description: 'Good.',
      created: 1_700_000_000,
      context_length: 200_000,
      max_completion_tokens: 64_000,
      input_modalities: ['text', 'image'],
      output_modalities: ['text'],
      supported_parameters: ['tools', 'seed'],
      reasoning: {
        mandatory: true,
        default_effort: 'medium',
        supported_efforts: ['low', 'medium'],
        supports_max_tokens: false,
      },
      tokenizer: 'Claude',
      knowledge_cutoff: '2025-01-31',
      expiration_date: '2026-12-01',
      hugging_face_id: 'maker/model',
    })
  })

  test.each([
    ['vLLM', { max_model_len: 32_768 }, 32_768],
    ['Groq', { context_window: 131_072 }, 131_072],
    ['Mistral', { max_context_length: 32_000 }, 32_000],
    ['llama.cpp', { meta: { n_ctx: 4_096, n_ctx_train: 131_072 } }, 4_096],
    ['DeepInfra', { metadata: { context_length: 8_000 } }, 8_000],
    ['Google', { inputTokenLimit: 1_048_576 }, 1_048_576],
    ['nobody', { context_length: 0, max_model_len: 'long' }, undefined],
  ])('has its context as %s says it', (_, fields, context) => {
    expect(factsOf(fields).context_length).toBe(context!)
  })

  test('has its abilities as hosts say them', () => {
    expect(factsOf({ capabilities: { vision: true, function_calling: true } })).toEqual({
      input_modalities: ['text', 'image'],
      supported_parameters: [
        'frequency_penalty',
        'max_tokens',
        'presence_penalty',
        'seed',
        'stop',
        'temperature',
        'tool_choice',
        'tools',
        'top_p',
      ],
    })
    const host = {
      supported_sampling_parameters: ['temperature', 'stop'],
      supported_features: ['tools', 'structured_outputs', 'reasoning'],
      input_modalities: ['text'],
      max_output_length: 9,
      quantization: 'FP8',
    }
    expect(factsOf(host)).toEqual({
      input_modalities: ['text'],
      max_completion_tokens: 9,
      quantization: 'fp8',
      supported_parameters: [
        'include_reasoning',
        'max_tokens',
        'reasoning',
        'response_format',
        'stop',
        'structured_outputs',
        'temperature',
        'tool_choice',
        'tools',
      ],
    })
  })

  test('may be nonsense, of which nothing is taken', () => {
    const nonsense = {
      name: 7,
      created: -1,
      context_length: 1.5,
      max_tokens: '9',
      architecture: 'big',
      supported_parameters: [1],
      reasoning: 'yes',
      pricing: [],
      deprecated: 'no',
    }
    expect(factsOf(nonsense)).toEqual({})
  })
})
