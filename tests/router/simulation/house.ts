import type { Catalog, Facts } from '../../../src/catalog/facts.ts'
import type { Pricing } from '../../../src/catalog/pricing.ts'
import { parseConfig, type Config, type Preferences } from '../../../src/config.ts'

/** A provider as its YAML has it. */
export interface Host {
  readonly base_url?: string
  readonly preset?: string
  readonly api_key?: string
  readonly tag?: string
  readonly service_tier?: 'priority' | 'flex'
  readonly zdr?: boolean
  readonly data_collection?: 'allow' | 'deny'
  readonly cache_ttl?: string
}

/** A route in its long form. */
export interface Listed {
  readonly endpoints: readonly (string | { readonly endpoint: string; readonly weight?: number })[]
  readonly balance?: 'price' | 'order'
  readonly sticky?: boolean
  readonly provider?: Preferences
  readonly models?: readonly string[]
  readonly offline?: string
}

/** All that routing knows, as plain data: the config and the catalog are made of it, and the reference reads it. */
export interface House {
  readonly providers: Readonly<Record<string, Host>>
  /** An alias, or a route. */
  readonly routes: Readonly<Record<string, string | Listed>>
  /** What is known of each `provider/model`. */
  readonly offers: Readonly<Record<string, Facts>>
  readonly variants: Readonly<Record<string, { readonly provider: Preferences }>>
  readonly routing: { readonly provider?: Preferences }
}

const priced = (prompt: number, completion = prompt, more: Partial<Pricing> = {}): Facts => ({
  pricing: { prompt, completion, ...more },
})

/** With a prompt cache whose tokens cost a tenth. */
const cached = (prompt: number, completion: number, more: Partial<Pricing> = {}): Pricing => ({
  prompt,
  completion,
  input_cache_read: prompt / 10,
  ...more,
})

const everything = ['temperature', 'seed', 'stop', 'tools', 'tool_choice', 'response_format']
const eyes = ['text', 'image']

/** One model in every variety. */
const chat: Readonly<Record<string, Facts>> = {
  ada: {
    pricing: cached(2, 8, { image: 0.002 }),
    context_length: 128_000,
    max_completion_tokens: 16_000,
    supported_parameters: [...everything, 'structured_outputs', 'reasoning'],
    input_modalities: [...eyes, 'file'],
    quantization: 'bf16',
    distillable: true,
  },
  bea: {
    pricing: cached(1.5, 9),
    context_length: 64_000,
    max_completion_tokens: 8_000,
    supported_parameters: everything,
    input_modalities: eyes,
    quantization: 'fp8',
  },
  cyd: {
    pricing: cached(1, 4, { overrides: [{ min_prompt_tokens: 20_000, prompt: 4, completion: 9 }] }),
    context_length: 1_000_000,
    supported_parameters: ['temperature', 'seed', 'tools', 'verbosity'],
    input_modalities: ['text'],
    quantization: 'mxfp4',
    distillable: true,
  },
  dot: { pricing: { prompt: 2.5, completion: 7.5, request: 0.0001 }, quantization: 'fp16' },
  eve: { context_length: 32_000, supported_parameters: ['temperature'], quantization: 'fp8' },
  fay: {
    pricing: cached(0.8, 3),
    context_length: 16_000,
    max_completion_tokens: 4_000,
    supported_parameters: ['temperature', 'stop'],
    input_modalities: ['text'],
    output_modalities: ['text'],
    quantization: 'int4',
    distillable: false,
  },
  gus: { pricing: cached(3, 12, { audio: 40 }), input_modalities: [...eyes, 'audio'] },
  rush: { pricing: cached(4, 16), context_length: 128_000, supported_parameters: everything },
  idle: { pricing: cached(1, 4), context_length: 128_000, supported_parameters: everything },
  box: { pricing: { prompt: 0, completion: 0 }, context_length: 8_000 },
}

const everywhere = (model: string, facts: Readonly<Record<string, Facts>>) =>
  Object.fromEntries(Object.entries(facts).map(([host, known]) => [`${host}/${model}`, known]))

const plain = (name: string): Host => ({ base_url: `https://${name}.example/v1` })

export const house: House = {
  providers: {
    ada: { ...plain('ada'), zdr: true },
    bea: { ...plain('bea'), tag: 'cloud/eu', data_collection: 'deny' },
    cyd: { ...plain('cyd'), tag: 'cloud/us', data_collection: 'deny', cache_ttl: '1h' },
    dot: { preset: 'openai', api_key: 'sk-none' },
    eve: { ...plain('eve'), zdr: true, data_collection: 'allow' },
    fay: plain('fay'),
    gus: { ...plain('gus'), tag: 'Gus/Turbo', cache_ttl: '1m' },
    rush: { ...plain('rush'), tag: 'ada/priority', service_tier: 'priority', zdr: true },
    idle: { ...plain('idle'), tag: 'ada/flex', service_tier: 'flex' },
    box: { base_url: 'http://127.0.0.1:9/v1' },
  },
  routes: {
    steady: { endpoints: ['cyd/steady', 'ada/steady', 'bea/steady'], balance: 'price' },
    shaky: { endpoints: ['ada/shaky', 'bea/shaky', 'cyd/shaky'], balance: 'price' },
    shares: {
      endpoints: [
        { endpoint: 'ada/shares', weight: 5 },
        { endpoint: 'bea/shares', weight: 3 },
        'cyd/shares',
      ],
    },
    chat: {
      endpoints: Object.keys(chat).map((host) => `${host}/chat`),
      balance: 'price',
      models: ['second'],
    },
    listed: {
      endpoints: ['fay/chat', 'eve/chat', 'bea/chat', 'ada/chat', 'gus/listed'],
      provider: { ignore: ['eve'], max_price: { completion: 11 } },
    },
    gift: {
      endpoints: ['eve/gift', 'ada/gift', 'box/gift', 'gus/gift', 'fay/gift'],
      balance: 'price',
    },
    second: {
      endpoints: ['gus/second', 'ada/second', 'cyd/second'],
      provider: { sort: 'throughput' },
      models: ['chat', 'third'],
    },
    third: { endpoints: ['bea/third', 'ada/chat'], sticky: false, offline: 'box/small' },
    private: {
      endpoints: ['ada/second', 'eve/chat', 'gus/second', 'box/small'],
      provider: { zdr: true, data_collection: 'deny' },
    },
    'any/*': { endpoints: ['eve/*', 'fay/*', 'box/*'], balance: 'price' },
    'any/best-*': { endpoints: ['ada/*', 'bea/*'], balance: 'price' },
    best: 'chat',
    'same/*': 'any/*',
  },
  offers: {
    'ada/steady': priced(1),
    'bea/steady': priced(2),
    'cyd/steady': priced(3),
    'ada/shaky': priced(2),
    'bea/shaky': priced(3),
    'cyd/shaky': priced(4),
    'ada/shares': priced(1),
    'bea/shares': priced(5),
    'cyd/shares': priced(1),
    ...everywhere('chat', chat),
    'gus/listed': priced(9, 11),
    'ada/gift': priced(1),
    'box/gift': priced(0),
    'gus/gift': { ...priced(0), supported_parameters: ['temperature'] },
    'dot/old': { ...priced(0), deprecated: true },
    'fay/gift': priced(0, 0, { request: 0.001 }),
    'gus/second': { pricing: cached(1, 2), supported_parameters: everything },
    'ada/second': { pricing: cached(3, 6), input_modalities: eyes, context_length: 256_000 },
    'cyd/second': { ...priced(0.5, 1), input_modalities: ['text'], supported_parameters: [] },
    'bea/third': priced(6, 6),
    'box/small': { input_modalities: ['text'] },
    'eve/a': priced(1),
    'fay/a': priced(1.5),
    'ada/a': priced(2),
    'ada/lab/llama': { pricing: cached(0.4, 0.6), quantization: 'fp8' },
    'cyd/lab/llama': { ...priced(0.5, 0.5), quantization: 'nvfp4' },
    'fay/lab/llama': { ...priced(0.3, 0.9), quantization: 'int8', context_length: 4_000 },
    'box/lab/llama': { quantization: 'int4' },
    'gus/lab/llama': { ...priced(0.7), quantization: 'bf16' },
    'fay/lab/llama:free': priced(0),
    'dot/gpt': { pricing: cached(2, 8) },
    'gus/openai/gpt': priced(2.2, 8.8),
    'ada/nova-4.9': { ...priced(4), created: 200 },
    'ada/nova-4.10': { ...priced(5), created: 200, family: 'nova' },
    'ada/sun-9': { ...priced(3), created: 1 },
    'ada/sun-10': { ...priced(3), created: 1 },
    'gus/ada/sun-10': priced(2),
    'gus/ada/nova-4.10': { ...priced(4.5), created: 200 },
    'ada/nova-5': { ...priced(1), created: 300, deprecated: true },
    'eve/pictures': { ...priced(0.01), output_modalities: ['image'] },
  },
  variants: {
    discreet: { provider: { zdr: true } },
    thrifty: { provider: { sort: 'price', max_price: { prompt: 2, completion: '8' as never } } },
  },
  routing: { provider: { ignore: ['nobody'] } },
}

/** JSON is YAML. */
export const configOf = ({ offers: _offers, ...written }: House): Config =>
  parseConfig(JSON.stringify(written), { file: 'house', directory: '/', env: {} })

export const catalogOf = ({ offers }: House): Catalog => {
  const none: Facts = {}
  const models = Map.groupBy(Object.keys(offers), (id) => id.slice(0, id.indexOf('/')))
  return {
    facts: (provider, model) => offers[`${provider}/${model}`] ?? none,
    models: (provider) => (models.get(provider) ?? []).map((id) => id.slice(provider.length + 1)),
    version: 0,
  }
}
