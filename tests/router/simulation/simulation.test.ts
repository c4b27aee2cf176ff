import { beforeAll, describe, expect, test } from 'bun:test'
import { endpointId } from '../../../src/chat.ts'
import { GatewayError } from '../../../src/errors.ts'
import { filters, plan, type Filter, type Plan } from '../../../src/router/plan.ts'
import { createRandom } from '../../support/random.ts'
import { house } from './house.ts'
import { Memory } from './memory.ts'
import { answerTo, type Answer } from './reference.ts'
import { relaxed, withoutPreferences } from './relaxed.ts'
import { isPlain, nextRequest, type Asked } from './requests.ts'
import { continues, serves, Stage, toCall } from './stage.ts'

/** Requests in all: `SLUICE_SIM=1000000 SLUICE_SIM_SEED=7` runs long, and otherwise. */
const wanted = Number(process.env.SLUICE_SIM ?? 100_000)
const seed = Number(process.env.SLUICE_SIM_SEED ?? 20_261)

/** Of each kind of failure, so many are told. */
const mostTold = 5
const problems = new Map<string, string[]>()
const complain = (kind: string, text: string): void => {
  const told = problems.get(kind) ?? []
  problems.set(kind, told)
  if (told.length < mostTold) told.push(text)
}

/** How often each endpoint was the first of a route, and how often by the rule. */
interface Cell {
  requests: number
  readonly observed: Map<string, number>
  readonly expected: Map<string, number>
}
const cells = new Map<string, Cell>()

const count = (asked: Asked, planned: Plan, { chances }: Answer): void => {
  const [first] = planned.candidates
  if (!first || !chances || !isPlain(asked)) return
  const name = `${asked.request.model} of ${[...chances.keys()].toSorted().join(' ')}`
  const cell = cells.get(name) ?? { requests: 0, observed: new Map(), expected: new Map() }
  cells.set(name, cell)
  cell.requests++
  const id = endpointId(first.endpoint)
  cell.observed.set(id, (cell.observed.get(id) ?? 0) + 1)
  for (const [other, chance] of chances)
    cell.expected.set(other, (cell.expected.get(other) ?? 0) + chance)
}

const asTold = ({ candidates }: Plan) =>
  candidates.map(({ endpoint, model, route, cost, notes }) => ({
    id: endpointId(endpoint),
    model,
    route,
    cost,
    notes,
  }))

const excludedBy = (excluded: Plan['excluded']): Map<string, Filter> =>
  new Map(excluded.map(({ endpoint, by }) => [endpointId(endpoint), by]))

const sortedById = (map: ReadonlyMap<string, Filter>) =>
  [...map].toSorted(([one], [other]) => (one < other ? -1 : 1))

/** An error names no more of those who were excluded. */
const mostListed = 50

const refusedBy = (error: GatewayError): Map<string, Filter> =>
  new Map(
    (error.details.availability?.excluded ?? [])
      .toReversed()
      .map(({ provider, model, by }) => [`${provider}/${model}`, by as Filter]),
  )

interface Counts {
  unknown: number
  refused: number
  sticky: number
  answered: number
  avoided: number
  misled: number
  broughtBack: number
  readonly by: Map<Filter, number>
}
const counts: Counts = {
  unknown: 0,
  refused: 0,
  sticky: 0,
  answered: 0,
  avoided: 0,
  misled: 0,
  broughtBack: 0,
  by: new Map(),
}

const compare = (asked: Asked, at: string, planned: Plan | GatewayError, answer: Answer): void => {
  const told = (got: unknown, want: unknown) => {
    const where = JSON.stringify({ ...asked, request: { ...asked.request, messages: 0 } })
    return `${at} ${where}\n  got  ${JSON.stringify(got)}\n  want ${JSON.stringify(want)}`
  }
  if (planned instanceof GatewayError) {
    const code = answer.denied ? 'model_not_allowed' : 'no_endpoints'
    if (
      answer.candidates.length > 0 ||
      planned.code !== (answer.unknown ? 'model_not_found' : code)
    )
      complain('refusals', told(planned.message, answer.unknown ? 'unknown' : answer.candidates))
    const [got, want] = [refusedBy(planned), answer.excluded].map((map) => sortedById(map))
    if (planned.details.availability?.excluded?.length === mostListed) return
    if (!answer.unknown && !Bun.deepEquals(got, want)) complain('exclusions', told(got, want))
    return
  }
  const order = asTold(planned)
  if (!Bun.deepEquals(order, answer.candidates)) complain('order', told(order, answer.candidates))
  const [got, want] = [excludedBy(planned.excluded), answer.excluded].map((map) => sortedById(map))
  if (!Bun.deepEquals(got, want)) complain('exclusions', told(got, want))
}

/** What must hold of a plan, whatever the reference says. */
const check = (asked: Asked, at: string, planned: Plan, { sticky }: Answer): void => {
  const where = `${at} ${asked.request.model}`
  const ids = planned.candidates.map(({ endpoint }) => endpointId(endpoint))
  const gone = planned.excluded.map(({ endpoint }) => endpointId(endpoint))
  if (new Set([...ids, ...gone]).size !== ids.length + gone.length)
    complain('twice', `${where}: ${ids.join(' ')} | ${gone.join(' ')}`)
  for (const { by, detail } of planned.excluded) {
    if (!filters.includes(by) || detail.trim() === '') complain('detail', `${where}: ${by}`)
    counts.by.set(by, (counts.by.get(by) ?? 0) + 1)
  }
  const { zdr, data_collection, ignore, allow_fallbacks, order } = (asked.request.provider ??
    {}) as Record<string, unknown>
  for (const { provider } of planned.candidates) {
    if (zdr === true && !provider.zdr) complain('zdr', `${where}: ${provider.name}`)
    if (data_collection === 'deny' && provider.data_collection !== 'deny')
      complain('data_collection', `${where}: ${provider.name}`)
    if (Array.isArray(ignore) && ignore.includes(provider.name))
      complain('ignore', `${where}: ${provider.name}`)
  }
  if (allow_fallbacks === false && !order && !asked.caller && ids.length > 1)
    complain('alone', where)
  const notes = planned.candidates.map(({ notes: all }) => all)
  const { provider: own, models: more, service_tier, route } = asked.request
  const isBalanced = !sticky && !(own ?? more ?? service_tier ?? route ?? asked.caller)
  const models = new Set(planned.candidates.map(({ model }) => model))
  if (
    isBalanced &&
    ['steady', 'shaky', 'lab/llama', 'gift'].includes(asked.request.model) &&
    models.size === 1
  ) {
    const firstIll = notes.findIndex((all) => all.includes('failing'))
    if (firstIll !== -1 && !notes.slice(firstIll).every((all) => all.includes('failing')))
      complain('ill before well', `${where}: ${JSON.stringify(notes)}`)
  }
}

const plain = withoutPreferences(house)
const bare = new Stage(plain, seed)
bare.draw(seed)

const planOf = (stage: Stage, asked: Asked): Plan | GatewayError => {
  try {
    return stage.router.plan(toCall(asked))
  } catch (error) {
    if (error instanceof GatewayError) return error
    throw error
  }
}

/** An endpoint is back once every constraint that took it is gone, one after the other. */
const bringBack = (asked: Asked, at: string, id: string, by: Filter): void => {
  const tier = house.providers[id.slice(0, id.indexOf('/'))]?.service_tier
  const trail: Filter[] = [by]
  let request = relaxed(asked, by, tier)
  for (;;) {
    const planned = planOf(bare, request)
    const isBack =
      !(planned instanceof GatewayError) &&
      planned.candidates.some(({ endpoint }) => endpointId(endpoint) === id)
    if (isBack) break
    const next =
      planned instanceof GatewayError
        ? refusedBy(planned).get(id)
        : excludedBy(planned.excluded).get(id)
    if (next === undefined || trail.includes(next)) {
      complain(
        'not back',
        `${at} ${id} ${trail.join(', ')} → ${next}: ${JSON.stringify(asked.request.provider)} ${asked.request.model}`,
      )
      return
    }
    trail.push(next)
    request = relaxed(request, next, tier)
  }
  counts.broughtBack++
}

const simulate = (): void => {
  const stage = new Stage(house, seed)
  const random = createRandom(seed + 1)
  const memory = new Memory(house)
  for (let index = 0; index < wanted; index++) {
    stage.wait(60)
    const asked = nextRequest(random)
    const draws = seed + 2 + index
    const at = `SLUICE_SIM_SEED=${seed} #${index}`
    const call = toCall(asked)
    stage.draw(draws)
    let planned: Plan | GatewayError
    try {
      planned = stage.router.plan(call)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      planned = error
    }
    const answer = answerTo({
      house,
      asked,
      random: createRandom(draws),
      at: new Date(stage.now),
      stats: stage.stats,
      memory,
      serves,
      continues,
    })
    compare(asked, at, planned, answer)
    if (answer.unknown) counts.unknown++
    else if (answer.candidates.length === 0) counts.refused++
    if (answer.sticky) counts.sticky++
    if (index % 10 === 0)
      for (const [id, by] of answer.excluded)
        if (!/sluice|openrouter|~/.test(`${asked.request.model} ${asked.request.models}`))
          bringBack(asked, at, id, by)
    if (planned instanceof GatewayError) continue
    check(asked, at, planned, answer)
    count(asked, planned, answer)
    if (asked.request.model === 'shaky' && stage.world.isOut('ada/shaky'))
      counts[planned.candidates[0]?.provider.name === 'ada' ? 'misled' : 'avoided']++
    call.vars.set(plan, planned)
    const served = stage.world.answer(call, planned.candidates)
    if (!served) continue
    counts.answered++
    stage.router.served(call, served.endpoint, served.usage)
    if (answer.remembers)
      memory.note(asked, endpointId(served.endpoint), served.usage, new Date(stage.now))
  }
}

/** Half the sum of how far each share of the first choices is from the rule's: the total variation distance. */
const distance = ({ requests, observed, expected }: Cell): number =>
  [...expected].reduce(
    (sum, [id, chance]) => sum + Math.abs((observed.get(id) ?? 0) - chance) / requests / 2,
    0,
  )

/** Below, chance alone moves the shares by as much as is looked for. */
const enough = 8_000

describe(`of ${wanted} requests`, () => {
  beforeAll(simulate, 3_600_000)

  const holds = (...kinds: readonly string[]) =>
    expect(kinds.flatMap((kind) => problems.get(kind) ?? []).join('\n')).toBe('')

  test('each has the candidates of the plain reference, in its order, at its price, with its notes', () => {
    holds('order', 'refusals')
  })

  test('each leaves out what the reference leaves out, for the same first reason', () => {
    holds('exclusions')
  })

  test('each has every endpoint once: a candidate, or left out with words for it', () => {
    holds('twice', 'detail')
    for (const filter of filters)
      expect([filter, counts.by.get(filter) ?? 0]).not.toEqual([filter, 0])
  })

  test('an endpoint that was left out is back without what took it', () => {
    holds('not back')
    expect(counts.broughtBack).toBeGreaterThan(wanted / 100)
  })

  test('none breaks what was demanded of prompts and providers', () => {
    holds('zdr', 'data_collection', 'ignore', 'alone')
  })

  test('none that is balanced asks who is failing before who is well', () => {
    holds('ill before well')
  })

  test.skipIf(wanted < 100_000)(
    'the first choices are spread as the rule says, within 2 % of all',
    () => {
      const large = [...cells].filter(([, { requests }]) => requests >= enough)
      for (const [name, cell] of large) expect([name, distance(cell) < 0.02]).toEqual([name, true])
      const names = large.map(([name]) => name)
      for (const name of [
        'steady of ada/steady bea/steady cyd/steady',
        'shaky of ada/shaky bea/shaky cyd/shaky',
        'shaky of bea/shaky cyd/shaky',
        'shares of ada/shares bea/shares cyd/shares',
      ])
        expect(names).toContain(name)
      const steady = cells.get('steady of ada/steady bea/steady cyd/steady')!
      const share = (id: string) => steady.observed.get(id)! / steady.requests
      // 1 : 1/4 : 1/9, as can be reckoned without any of this
      expect(Math.abs(share('ada/steady') - 36 / 49)).toBeLessThan(0.02)
      expect(Math.abs(share('bea/steady') - 9 / 49)).toBeLessThan(0.02)
      expect(Math.abs(share('cyd/steady') - 4 / 49)).toBeLessThan(0.02)
    },
  )

  test('an outage is noticed, and conversations stick', () => {
    expect(counts.avoided / (counts.avoided + counts.misled)).toBeGreaterThan(0.75)
    expect(counts.sticky).toBeGreaterThan(wanted / 200)
    expect(counts.answered).toBeGreaterThan(wanted * 0.8)
  })
})
