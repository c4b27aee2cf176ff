/**
 * `bun run bench:pairs`: what a streamed event costs in each pair of formats, in one interleaved run. The ratio is to
 * plain forwarding of the same provider's bytes; what a translation adds is told against the pair of equal formats.
 */
import { parseArgs } from 'node:util'
import { dialectOf, formats, shapes, type Format, type Shape } from './pairs/formats.ts'
import type { Order, Sample } from './pairs/load.ts'
import { Stage, type Target } from './processes.ts'
import { median } from './stats.ts'

const { values } = parseArgs({
  options: { short: { type: 'boolean' }, only: { type: 'string' }, rounds: { type: 'string' } },
})
const rounds = Number(values.rounds ?? (values.short ? 1 : 5))
const times: Readonly<Record<Shape, { readonly warm: number; readonly window: number }>> =
  values.short
    ? { burst: { warm: 100, window: 150 }, paced: { warm: 700, window: 300 } }
    : { burst: { warm: 300, window: 700 }, paced: { warm: 700, window: 1_200 } }
const clients: Readonly<Record<Shape, number>> = { burst: 16, paced: 32 }

const configFor = (upstream: string) => ({
  server: { log: 'json', discover: false },
  providers: Object.fromEntries(
    formats.map((format) => [
      format,
      {
        dialect: dialectOf[format],
        base_url: `${upstream}/${format === 'gemini' ? 'v1beta' : 'v1'}`,
        api_key: 'k',
        models: [...shapes],
      },
    ]),
  ),
  plugins: [],
})

const line = (cells: readonly string[]): string =>
  cells.map((cell, at) => (at < 2 ? cell.padEnd(11) : cell.padStart(15))).join('')

type Take = (name: string, gateway: Target, client: Format, provider: Format) => Promise<void>

/** Every pair once, the plain forwarding of each provider's bytes among them. */
const round = async (take: Take, bare: Target, sluice: Target, backwards: boolean) => {
  for (const provider of backwards ? formats.toReversed() : formats) {
    await take(`plain ${provider}`, bare, provider, provider)
    for (const client of formats) await take(`${client} ${provider}`, sluice, client, provider)
  }
}

const tell = (shape: Shape, costs: ReadonlyMap<string, readonly number[]>) => {
  const over = (name: string, base: string, value: (cost: number, held: number) => number) =>
    median((costs.get(name) ?? []).map((cost, at) => value(cost, costs.get(base)?.[at] ?? NaN)))
  console.log(`\n${shape === 'burst' ? 'all events at once' : 'an event every 2 ms'}`)
  console.log(line(['client', 'provider', 'µs', '× plain', 'µs over plain', 'µs over alike']))
  for (const provider of formats) {
    const plain = `plain ${provider}`
    console.log(line(['(plain)', provider, median(costs.get(plain) ?? []).toFixed(2)]))
    for (const client of formats) {
      const name = `${client} ${provider}`
      const more = (base: string) => over(name, base, (cost, held) => cost - held).toFixed(2)
      console.log(
        line([
          client,
          provider,
          median(costs.get(name) ?? []).toFixed(2),
          over(name, plain, (cost, held) => cost / held).toFixed(2),
          more(plain),
          client === provider ? '' : more(`${provider} ${provider}`),
        ]),
      )
    }
  }
}

const stage = new Stage()
try {
  const mock = await stage.script('pairs/mock', 'others')
  const upstream = `http://127.0.0.1:${mock.port}`
  const bare = await stage.script('pairs/forwarder', 'gateway', upstream)
  const sluice = await stage.sluice(`${import.meta.dir}/..`, configFor(upstream))
  const load = await stage.orders<Order, Sample>('pairs/load')
  const faults = new Set<string>()
  console.log(`Bun ${Bun.version}, ${rounds} rounds; the gateway's CPU for one streamed event`)
  for (const shape of shapes.filter((shape) => shape.includes(values.only ?? ''))) {
    const costs = new Map<string, number[]>()
    const take: Take = async (name, gateway, client, provider) => {
      const order = { gateway, client, provider, shape, clients: clients[shape], ...times[shape] }
      const { pieces, cpu, fault } = await load(order)
      if (fault !== undefined) faults.add(`${name}: ${fault}`)
      costs.set(name, [...(costs.get(name) ?? []), cpu / pieces])
    }
    for (let at = 0; at < rounds; at++) await round(take, bare, sluice, at % 2 === 1)
    tell(shape, costs)
  }
  for (const fault of faults) console.log(`✗ ${fault}`)
  process.exitCode = faults.size === 0 ? 0 : 1
} finally {
  await stage.close()
}
