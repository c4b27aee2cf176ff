/**
 * `bun run bench`: what Sluice costs, held against a bare forwarder, in one interleaved run on this machine's loopback.
 * Figures are of one machine: use the ratios.
 */
import { parseArgs } from 'node:util'
import { pace, pacedEvents } from './fixture.ts'
import type { Order, Sample } from './load.ts'
import { foreignLimit, fullPlan, repeats, shortPlan, type Cell, type Plan } from './plan.ts'
import { Stage } from './processes.ts'
import { tableOf, type Round } from './report.ts'
import { modelFor, startVariants, type Variant } from './variants.ts'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean' },
    check: { type: 'boolean' },
    compare: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
})

const help = `bun run bench [options]

  --short          a smoke test of half a minute instead of four minutes; the gateways are not
                   quite warm in it, so that its ratios come out too high
  --check          exit with 1 when a target is missed or a sample was void
  --compare DIR    another checkout of Sluice to measure beside this one
  --only TEXT      only cells whose name holds the text, such as burst or whole-64`

const nameOf = ({ shape, clients }: Cell): string => `${shape}-${clients}`

/** Milliseconds at both ends of a paced stream that do not count. */
const pacedMargin = 150

const timesOf = ({ shape }: Cell, { warm, window }: Plan): Pick<Order, 'warm' | 'window'> =>
  shape === 'paced'
    ? { warm: pacedMargin, window: pacedEvents * pace - 2 * pacedMargin }
    : { warm, window }

const bench = async (plan: Plan, stage: Stage): Promise<boolean> => {
  const end = performance.now() + plan.budget
  const variants = await startVariants(stage, values.compare)
  const load = await stage.load()
  let taken = 0
  let voided = 0
  let repeated = 0

  const sampleOf = (variant: Variant, cell: Cell, times: Pick<Order, 'warm' | 'window'>) =>
    load({
      ...times,
      port: variant.target.port,
      model: modelFor(variant, cell.shape),
      shape: cell.shape,
      clients: cell.clients,
      ...(variant.gateway && { gateway: variant.target }),
      ours: stage.pids,
    })

  /** A sample to believe: taken again while others used the machine, dropped when an answer was wrong. */
  const take = async (variant: Variant, cell: Cell): Promise<Sample | undefined> => {
    let best: Sample | undefined
    taken++
    for (let time = 0; time <= repeats.times; time++) {
      const sample = await sampleOf(variant, cell, timesOf(cell, plan))
      if (sample.errors > 0) {
        voided++
        console.log(
          `void: ${variant.name}, ${nameOf(cell)}: ${sample.errors} errors: ${sample.faults.join('; ')}`,
        )
        return undefined
      }
      if (!best || sample.foreign < best.foreign) best = sample
      if (best.foreign <= foreignLimit || repeated >= taken * repeats.share) break
      repeated++
    }
    return best
  }

  const wanted = plan.cells.filter((cell) => nameOf(cell).includes(values.only ?? ''))
  for (const variant of variants.filter(({ gateway }) => gateway))
    for (const shape of new Set(wanted.map(({ shape }) => shape)))
      if (shape !== 'paced')
        await sampleOf(variant, { shape, clients: 32 }, { warm: plan.prime, window: 1 })

  const rounds = new Map<Cell, Round[]>(wanted.map((cell) => [cell, []]))
  let done = 0
  for (let longest = 0; done < plan.rounds; done++) {
    const began = performance.now()
    if (began + longest > end) break
    const order = done % 2 === 0 ? variants : variants.toReversed()
    for (const cell of wanted) {
      const round = new Map<string, Sample>()
      for (const variant of order) {
        const sample = await take(variant, cell)
        if (sample) round.set(variant.name, sample)
      }
      rounds.get(cell)?.push(round)
    }
    longest = Math.max(longest, performance.now() - began)
  }

  const { pins } = stage
  console.log(
    `Bun ${Bun.version}, ${done} rounds, ${repeated} samples repeated, ${voided} void; ` +
      (pins ? `gateways on CPU ${pins.gateway}, all else on ${pins.others}` : 'nothing pinned'),
  )
  console.log('Medians over the rounds; ratios are taken within each round.\n')
  let missed = 0
  for (const [cell, samples] of rounds) {
    const table = tableOf(cell, variants, samples)
    missed += table.missed
    console.log(table.text)
  }
  console.log(missed === 0 ? '✓ all targets met' : `✗ ${missed} targets missed`)
  return missed === 0 && voided === 0
}

const main = async (): Promise<number> => {
  if (values.help) return (console.log(help), 0)
  const stage = new Stage()
  const leave = () => void stage.close().then(() => process.exit(130))
  process.on('SIGINT', leave)
  process.on('SIGTERM', leave)
  try {
    const good = await bench(values.short ? shortPlan : fullPlan, stage)
    return good || !values.check ? 0 : 1
  } finally {
    await stage.close()
  }
}

process.exit(await main())
