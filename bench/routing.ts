/**
 * `bun run bench:routing`: what it costs to plan a call where 5,000 models have 20 endpoints each, all with facts and
 * prices. Beside it stands what parsing a small request costs on the same machine in the same minute.
 */
import { parseArgs } from 'node:util'
import { fakeCall } from 'sluice/testing'
import type { Catalog, Facts } from '../src/catalog/facts.ts'
import { endpointId, type Call } from '../src/chat.ts'
import { parseConfig } from '../src/config.ts'
import { GatewayError } from '../src/errors.ts'
import { plan } from '../src/router/plan.ts'
import { createRouter } from '../src/router/router.ts'
import { createStats } from '../src/router/measures/stats.ts'
import { createRandom } from '../tests/support/random.ts'
import { percentile } from './stats.ts'

const { values } = parseArgs({
  options: { short: { type: 'boolean' }, calls: { type: 'string' }, only: { type: 'string' } },
})
const models = 5_000
const hosts = 20
const calls = Number(values.calls ?? (values.short ? 2_000 : 30_000))

const random = createRandom(20_261)
const names = Array.from({ length: models }, (_, index) => `lab-${index % 97}/model-${index}`)
const providers = Array.from({ length: hosts }, (_, index) => `host-${index}`)

const config = parseConfig(
  JSON.stringify({
    providers: Object.fromEntries(
      providers.map((name, index) => [
        name,
        {
          base_url: `https://${name}.example/v1`,
          tag: `cloud-${index % 7}/${name}`,
          data_collection: index % 3 === 0 ? 'deny' : 'allow',
          zdr: index % 5 === 0,
        },
      ]),
    ),
    routes: { 'listed/*': providers.map((name) => `${name}/*`) },
    routing: { auto: { models: ['*'] } },
  }),
  { file: 'bench', directory: '/', env: {} },
)

const parameters = ['temperature', 'top_p', 'seed', 'stop', 'response_format', 'tools']
const factsOf = (): Facts => {
  const prompt = Math.ceil(random() * 400) / 100
  return {
    pricing: { prompt, completion: 4 * prompt, input_cache_read: prompt / 10 },
    context_length: random.pick([32_000, 128_000, 1_000_000]),
    max_completion_tokens: random.pick([8_000, 32_000]),
    supported_parameters: random() < 0.8 ? parameters : parameters.slice(0, 4),
    input_modalities: random() < 0.5 ? ['text', 'image'] : ['text'],
    output_modalities: ['text'],
    quantization: random.pick(['fp8', 'bf16', 'fp4']),
  }
}

const known = new Map(
  providers.flatMap((provider) =>
    names.map((model) => [endpointId({ provider, model }), factsOf()] as const),
  ),
)
const none: Facts = {}
const catalog: Catalog = {
  facts: (provider, model) => known.get(`${provider}/${model.replace('listed/', '')}`) ?? none,
  models: () => names,
  version: 1,
}

/** Half of the endpoints that are remembered were measured. */
const stats = createStats()
for (let index = 0; index < 20_000; index++)
  stats.record(endpointId({ provider: random.pick(providers), model: random.pick(names) }), {
    ok: random() < 0.95,
    first: 200 + 1_000 * random(),
    speaking: 2_000,
    tokens: 100,
  })

const router = createRouter(config, { catalog, stats, random })

const text = 'Tell me about the history of the city of Carthage, and why it fell. '.repeat(12)
const messages = [
  { role: 'system', content: 'You are a careful historian who is brief.' },
  { role: 'user', content: text },
]
const image = [{ type: 'image_url', image_url: { url: 'https://x.example/cat.png' } }]
const sees = [{ role: 'user', content: [{ type: 'text', text }, ...image] }]
const tools = [{ type: 'function', function: { name: 'look', parameters: {} } }]
const preferences = { max_price: { prompt: 3 }, data_collection: 'deny', ignore: ['host-3'] }
const body = JSON.stringify({ model: names[0], stream: true, messages, tools, temperature: 0.5 })

type Asked = Partial<Call['request']>
const cases: Readonly<Record<string, (model: string) => Asked>> = {
  'in the order of a route': (model) => ({ model: `listed/${model}`, messages }),
  balanced: (model) => ({ model, messages }),
  'in a conversation': (model) => ({ model, messages, session_id: model }),
  sorted: (model) => ({ model, messages, provider: { sort: 'throughput' } }),
  'with preferences': (model) => ({ model, messages, provider: { ...preferences } }),
  'with tools and an image': (model) => ({ model, messages: sees, tools }),
  'three models and variants': (model) => ({
    model: `${model}:nitro`,
    models: [`${names[7]}:floor`, `${names[11]}`],
    messages,
  }),
  'sluice/auto': () => ({ model: 'sluice/auto', messages }),
  'sluice/auto, difficult': () => ({
    model: 'sluice/auto',
    messages: sees,
    tools,
    reasoning: { effort: 'high' },
  }),
  'sluice/free': () => ({ model: 'sluice/free', messages }),
  'the latest of a family': () => ({ model: '~host-3/lab-latest', messages }),
  'an unknown model': (model) => ({ model: `no-${model}`, messages }),
}

/** Every conversation has begun at the dearer endpoint that the last plan ends with. */
const usage = {
  prompt_tokens: 2_000,
  total_tokens: 2_000,
  prompt_tokens_details: { cached_tokens: 2_000 },
}
for (const model of names) {
  const call = fakeCall({ model, messages, session_id: model })
  const made = router.plan(call)
  call.vars.set(plan, made)
  const last = made.candidates.at(-1)
  if (last) router.served(call, last.endpoint, usage)
}

interface Figures {
  /** Microseconds. */
  readonly median: number
  readonly p99: number
}

const figuresOf = (times: number[]): Figures => {
  const sorted = times.sort((one, other) => one - other)
  return { median: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) }
}

const timed = (act: () => void): number => {
  const begun = Bun.nanoseconds()
  act()
  return (Bun.nanoseconds() - begun) / 1_000
}

const refusals = new Set(['model_not_found', 'no_endpoints'])

/** Candidates of the plan; none where it is refused as it should be. */
const planned = (call: Call): number => {
  try {
    return router.plan(call).candidates.length
  } catch (error) {
    if (error instanceof GatewayError && refusals.has(error.code)) return 0
    throw error
  }
}

/** Every case in turn, so that a noisy minute falls on all alike. */
const rounds = 20
const parsing: number[] = []
const times = new Map<string, number[]>()
const found = new Map<string, number>()
for (let round = -1; round < rounds; round++)
  for (const [name, toRequest] of Object.entries(cases)) {
    if (values.only !== undefined && name !== values.only) continue
    const own = times.get(name) ?? []
    times.set(name, own)
    // the first round only warms up: each model is looked up once
    const turns = round < 0 ? Math.max(models, calls / rounds) : calls / rounds
    for (let turn = 0; turn < turns; turn++) {
      const model = names[Math.floor(random() * models)] ?? ''
      const call = fakeCall(toRequest(model))
      let count = 0
      const took = timed(() => {
        count = planned(call)
      })
      found.set(name, (found.get(name) ?? 0) + count)
      if (round < 0) continue
      own.push(took)
      parsing.push(timed(() => void JSON.parse(body)))
    }
  }

const bare = figuresOf(parsing)
const row = (name: string, { median, p99 }: Figures) =>
  console.log(
    name.padEnd(30),
    median.toFixed(1).padStart(10),
    p99.toFixed(1).padStart(10),
    (median / bare.median).toFixed(1).padStart(12),
  )

console.log(`${models} models × ${hosts} endpoints, ${calls} calls each`)
console.log('planning a call'.padEnd(30), '    median        p99      × parse   (µs)')
row(`JSON.parse of ${body.length} bytes`, bare)
for (const [name, own] of times) row(name, figuresOf(own))

const empty = [...found].filter(([name, count]) => {
  const refused = name === 'an unknown model' || name === 'sluice/free'
  return refused ? count > 0 : count === 0
})
if (empty.length > 0) {
  console.error(`not planned as they should be: ${empty.map(([name]) => name).join(', ')}`)
  process.exit(1)
}
