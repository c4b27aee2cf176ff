/**
 * `bun run bench:pairs`: what a streamed event costs in each pair of formats, in one interleaved run. The ratio is to
 * plain forwarding of the same provider's bytes; what a translation adds is told against the pair of equal formats.
 */
import { parseArgs } from 'node:util'
import { dialectOf, formats, streams, type Format } from './pairs/formats.ts'
import type { Order, Sample } from './pairs/load.ts'
import { Stage, type Target } from './processes.ts'
import { median } from './stats.ts'

const { values } = parseArgs({ options: { short: { type: 'boolean' } } })
const rounds = values.short ? 1 : 7
const times = values.short ? { warm: 100, window: 150 } : { warm: 300, window: 700 }
const clients = 16

const configFor = (upstream: string) => ({
  server: { log: 'json', discover: false },
  providers: Object.fromEntries(
    formats.map((format) => [
      format,
      {
        dialect: dialectOf[format],
        base_url: `${upstream}/${format === 'gemini' ? 'v1beta' : 'v1'}`,
        api_key: 'k',
        models: ['burst'],
      },
    ]),
  ),
  plugins: [],
})

const stage = new Stage()
try {
  const mock = await stage.script('pairs/mock', 'others')
  const upstream = `http://127.0.0.1:${mock.port}`
  const bare = await stage.script('pairs/forwarder', 'gateway', upstream)
  const sluice = await stage.sluice(`${import.meta.dir}/..`, configFor(upstream))
  const load = await stage.orders<Order, Sample>('pairs/load')

  const costs = new Map<string, number[]>()
  const faults = new Set<string>()
  const take = async (name: string, gateway: Target, client: Format, provider: Format) => {
    const sample = await load({ gateway, client, provider, clients, ...times })
    if (sample.fault !== undefined) faults.add(`${name}: ${sample.fault}`)
    const cost = sample.cpu / (sample.answers * streams[provider].length)
    costs.set(name, [...(costs.get(name) ?? []), cost])
  }
  for (let round = 0; round < rounds; round++) {
    const providers = round % 2 === 0 ? formats : formats.toReversed()
    for (const provider of providers) {
      await take(`plain ${provider}`, bare, provider, provider)
      for (const client of formats) await take(`${client} ${provider}`, sluice, client, provider)
    }
  }

  const cost = (name: string) => median(costs.get(name) ?? [])
  const ratio = (name: string, base: string) =>
    median((costs.get(name) ?? []).map((value, at) => value / (costs.get(base)?.[at] ?? NaN)))
  const added = (name: string, base: string) =>
    median((costs.get(name) ?? []).map((value, at) => value - (costs.get(base)?.[at] ?? NaN)))
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => (at < 2 ? cell.padEnd(12) : cell.padStart(14))).join('')
  console.log(`Bun ${Bun.version}, ${rounds} rounds, ${clients} clients; CPU of one streamed event`)
  console.log(line(['client', 'provider', 'µs', '× plain', 'µs over plain', 'µs over alike']))
  for (const provider of formats) {
    console.log(line(['(plain)', provider, cost(`plain ${provider}`).toFixed(2), '', '', '']))
    for (const client of formats) {
      const name = `${client} ${provider}`
      console.log(
        line([
          client,
          provider,
          cost(name).toFixed(2),
          ratio(name, `plain ${provider}`).toFixed(2),
          added(name, `plain ${provider}`).toFixed(2),
          client === provider ? '' : added(name, `${provider} ${provider}`).toFixed(2),
        ]),
      )
    }
  }
  for (const fault of faults) console.log(`✗ ${fault}`)
  process.exitCode = faults.size === 0 ? 0 : 1
} finally {
  await stage.close()
}
