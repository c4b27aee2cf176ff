/** The router on a stage of its own: clock, chance, measures and health are the simulation's. */
import { LRUCache } from 'lru-cache'
import { fakeCall } from 'sluice/testing'
import { caller, type Call } from '../../../src/chat.ts'
import { createHealth, type Breaker } from '../../../src/router/health/health.ts'
import { continuing } from '../../../src/router/plan.ts'
import { createRouter, type Router } from '../../../src/router/router.ts'
import { createStats, type Stats } from '../../../src/router/measures/stats.ts'
import type { Held } from '../../../src/router/choice/sticky.ts'
import { createRandom } from '../../support/random.ts'
import { catalogOf, configOf, type House } from './house.ts'
import type { Asked } from './requests.ts'
import { World } from './world.ts'

export const serves = (provider: string, operation: string): boolean =>
  operation === 'chat' || !['ada', 'fay'].includes(provider)

export const continues = (provider: string): boolean => !['gus', 'dot'].includes(provider)

export const toCall = ({
  request,
  headers,
  operation,
  caller: who,
  continuing: goesOn,
}: Asked): Call => {
  const call = fakeCall(request, { headers: new Headers(headers), operation })
  if (who) call.vars.set(caller, who)
  if (goesOn) call.vars.set(continuing, true)
  return call
}

export class Stage {
  /** A Tuesday at noon, UTC; milliseconds since 1970. */
  now = Date.UTC(2026, 10, 24, 12)
  readonly stats: Stats
  readonly world: World
  readonly router: Router
  readonly #random
  #draws: () => number = () => 0

  constructor(house: House, seed: number) {
    const random = createRandom(seed)
    const now = () => this.now
    this.#random = random
    this.stats = createStats({ now })
    const breakers = new LRUCache<string, Breaker>({ max: 1_000 })
    const health = createHealth(breakers, () => 0, now)
    this.world = new World({ random, stats: this.stats, health, now })
    this.router = createRouter(configOf(house), {
      catalog: catalogOf(house),
      stats: this.stats,
      conversations: new LRUCache<string, Held>({ max: 50_000, ttlResolution: 0, perf: { now } }),
      serves: ({ provider }, call) => serves(provider.name, call.operation),
      continues: ({ provider }) => continues(provider.name),
      random: () => this.#draws(),
      now,
    })
  }

  /** Some milliseconds pass. */
  wait(about: number): void {
    this.now += Math.ceil(2 * about * this.#random())
  }

  /** From now on the router draws the numbers of that seed. */
  draw(seed: number): void {
    this.#draws = createRandom(seed)
  }
}
