import type { Caller, Operation, Request } from '../../../src/chat.ts'
import type { Preferences } from '../../../src/config.ts'
import type { Random } from '../../support/random.ts'

/** A request as a client sends it, and who it is. */
export interface Asked {
  readonly request: Request
  readonly headers: Readonly<Record<string, string>>
  readonly operation: Operation
  readonly caller?: Caller
  /** It goes on with an answer that was begun elsewhere. */
  readonly continuing: boolean
}

/** How often each of the routes that only count draws is asked; everything else is mixed. */
const plainly: readonly (readonly [share: number, model: string])[] = [
  [0.16, 'steady'],
  [0.3, 'shaky'],
  [0.12, 'shares'],
]

const models = (
  'chat chat chat chat chat chat lab/llama lab/llama lab/llama lab/llama listed gift gift second ' +
  'third private any/a any/best-a best same/a any/blank openai/gpt dot/gpt gus/openai/gpt ada/chat ' +
  'idle/chat ~ada/nova-latest ~ada/sun-latest sluice/auto openrouter/auto sluice/free sluice/local'
).split(' ')

const suffixes = ['nitro', 'floor', 'free', 'extended', 'online', 'thinking', 'discreet', 'thrifty']

const nameOf = (random: Random): string => {
  if (random() < 0.004) return 'lab/unheard-of'
  const name = random.pick(models)
  const chance = random()
  if (chance < 0.75) return name
  // of several, only the first may be the one that gives way to every other sort
  const first = random.pick([...suffixes, 'exacto', 'exacto'])
  return chance < 0.93 ? `${name}:${first}` : `${name}:${first}:${random.pick(suffixes)}`
}

const slugs = (
  'ada BEA cyd dot eve fay gus rush idle box nobody cloud cloud/eu gus/turbo openai ada/flex ' +
  'ada/priority clo'
).split(' ')

const some = <T>(from: readonly T[], most: number, random: Random): T[] =>
  Array.from({ length: 1 + Math.floor(random() * most) }, () => random.pick(from))

const cutoffs = (
  values: readonly number[],
  random: Random,
): Preferences['preferred_max_latency'] =>
  random() < 0.6
    ? random.pick(values)
    : { p50: random.pick(values), p90: random.pick([null, ...values]), p99: 1_000 }

const sorts = ['price', 'throughput', 'latency', 'exacto'] as const

/** One preference each. */
const wishes: readonly ((random: Random) => Preferences)[] = [
  (random) => ({ order: some(slugs, 3, random) }),
  (random) => ({ order: some(slugs, 4, random), allow_fallbacks: random() < 0.3 }),
  (random) => ({ only: some(slugs, 6, random) }),
  (random) => ({ ignore: some(slugs, 3, random) }),
  (random) => ({ sort: random.pick(sorts) }),
  (random) => ({
    sort: {
      by: random.pick([...sorts, null]),
      partition: random.pick(['none', 'none', 'model', null] as const),
    },
  }),
  (random) => ({ max_price: { prompt: random.pick([0, 0.5, 1, 2, 5]) } }),
  (random) => ({
    max_price: {
      completion: random.pick([1, 4, 8]),
      image: random.pick([null, 0.001, 1]),
      request: random.pick([undefined, 0, 1]),
    },
  }),
  (random) => ({
    quantizations: some(['fp8', 'fp4', 'bf16', 'int4', 'unknown', 'fp16'] as const, 3, random),
  }),
  () => ({ zdr: true }),
  (random) => ({ zdr: false, data_collection: random.pick(['allow', 'deny', null] as const) }),
  () => ({ data_collection: 'deny' }),
  () => ({ require_parameters: true }),
  () => ({ enforce_distillable_text: true }),
  () => ({ allow_fallbacks: false }),
  (random) => ({ preferred_max_latency: cutoffs([0.4, 0.8, 1.2, 3], random) }),
  (random) => ({ preferred_min_throughput: cutoffs([20, 45, 70, 120], random) }),
]

const preferencesOf = (random: Random, most: number): Preferences =>
  Object.assign({}, ...some(wishes, most, random).map((wish) => wish(random)))

const texts = [
  'x'.repeat(600),
  'x'.repeat(6_000),
  'x'.repeat(30_000),
  'x'.repeat(80_000),
  'x'.repeat(110_000),
  '```ts\nfunction main() {}\n```',
  'Prove it, step by step.',
] as const
const shortText = 'Hello, what is the capital of France?'

const parts: readonly object[] = [
  { type: 'image_url', image_url: { url: 'https://x.example/cat.png' } },
  { type: 'input_audio', input_audio: { data: '', format: 'wav' } },
  { type: 'file', file: { filename: 'a.pdf' } },
]

const messagesOf = (random: Random, opening: string): Request['messages'] => {
  const text = random() < 0.6 ? shortText : random.pick(texts)
  const content =
    random() < 0.15 ? [{ type: 'text', text }, random.pick(parts) as { type: string }] : text
  const system = random() < 0.3 ? [{ role: 'system', content: 'Be brief.' }] : []
  const turns = [
    { role: 'user', content: opening },
    { role: 'assistant', content: 'Well.' },
  ]
  return [...system, ...(random() < 0.5 ? turns : []), { role: 'user', content }]
}

const tool = { type: 'function', function: { name: 'f', parameters: {} } }

const parameters: readonly ((random: Random) => Partial<Request>)[] = [
  () => ({ tools: [tool], tool_choice: 'auto' }),
  () => ({ response_format: { type: 'json_object' } }),
  () => ({ response_format: { type: 'json_schema', json_schema: {} } }),
  () => ({ verbosity: 'low' }),
  () => ({ temperature: 0.5, seed: 7 }),
  () => ({ reasoning: { effort: 'high' } }),
  (random) => ({ max_tokens: random.pick([1, 300, 5_000, 12_000]) }),
  () => ({ modalities: ['text', 'image'] }),
  (random) => ({ service_tier: random.pick(['flex', 'priority', 'fast', 'default', 'auto']) }),
  () => ({ route: 'sort' }),
]

const callers: readonly Caller[] = [
  { name: 'desk', tags: {} },
  { name: 'guest', tags: {}, models: ['chat', 'lab/*', 'second'] },
  { name: 'child', tags: {}, models: ['ada/*', 'third'], provider: { zdr: true } },
  { name: 'house', tags: {}, provider: { only: ['ada', 'cloud', 'box', 'gus'], order: ['box'] } },
  { name: 'purse', tags: {}, provider: { max_price: { prompt: 2 }, sort: 'price' } },
]

const sessionOf = (random: Random): Pick<Asked, 'headers'> & Partial<Request> => {
  const name = `s${Math.floor(random() * 40)}`
  const chance = random()
  if (chance < 0.5) return { session_id: name, headers: {} }
  return chance < 0.75
    ? { headers: { 'x-session-id': name } }
    : { prompt_cache_key: name, headers: {} }
}

const mixed = (random: Random): Asked => {
  const { headers, ...session } = random() < 0.3 ? sessionOf(random) : { headers: {} }
  const patches = random() < 0.4 ? some(parameters, 2, random).map((patch) => patch(random)) : []
  const who = random() < 0.2 ? random.pick(callers) : undefined
  return {
    request: Object.assign(
      { model: nameOf(random), messages: messagesOf(random, `Topic ${random.pick(slugs)}.`) },
      random() < 0.15 && { models: Array.from({ length: 2 }, () => nameOf(random)) },
      random() < 0.55 && { provider: preferencesOf(random, 2) },
      session,
      ...patches,
    ),
    headers,
    operation: random() < 0.03 ? 'completions' : 'chat',
    continuing: random() < 0.02,
    ...(who && { caller: who }),
  }
}

/** Whether only the draw decides who is the first: nothing is preferred, and no conversation is held anywhere. */
export const isPlain = ({ request }: Asked): boolean =>
  plainly.some(([, model]) => model === request.model)

/** The next request: a plain one for the counts, or one that asks for anything. */
export const nextRequest = (random: Random): Asked => {
  let mark = random()
  for (const [share, model] of plainly) {
    mark -= share
    if (mark < 0)
      return {
        request: { model, messages: [{ role: 'user', content: shortText }] },
        headers: {},
        operation: 'chat',
        continuing: false,
      }
  }
  return mixed(random)
}
