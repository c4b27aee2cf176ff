/** Endpoints that answer: how fast, whether at all, and what of a prompt their caches hold. */
import { endpointId, type Call, type Usage } from '../../../src/chat.ts'
import { GatewayError } from '../../../src/errors.ts'
import type { Health } from '../../../src/router/health/health.ts'
import { needsOf } from '../../../src/router/choice/needs.ts'
import type { Candidate } from '../../../src/router/plan.ts'
import type { Stats } from '../../../src/router/measures/stats.ts'
import type { Random } from '../../support/random.ts'

interface Nature {
  /** Milliseconds to the first content, about. */
  readonly latency: number
  /** Tokens a second, about. */
  readonly speed: number
  /** The share of answers with tools whose calls are sound. */
  readonly tools: number
  /** How often it fails when it is well. */
  readonly faults: number
  /** Milliseconds of its outages, and from one to the next. */
  readonly outage: readonly [length: number, every: number]
}

const usual: Nature = {
  latency: 700,
  speed: 50,
  tools: 0.97,
  faults: 0.01,
  outage: [40_000, 900_000],
}
const never = [0, 1] as const

const byProvider: Readonly<Record<string, Partial<Nature>>> = {
  ada: { latency: 500, speed: 80, tools: 0.99 },
  bea: { latency: 900, speed: 40, tools: 0.9 },
  cyd: { latency: 350, speed: 30, tools: 0.7 },
  dot: { latency: 1_400, speed: 60, faults: 0.05 },
  fay: { latency: 1_100, speed: 130, faults: 0.1, outage: [90_000, 300_000] },
  gus: { speed: 65, outage: [20_000, 200_000] },
  rush: { latency: 200, speed: 160 },
  idle: { latency: 4_000, speed: 20 },
  box: { latency: 2_000, speed: 15, tools: 0.4, outage: never },
}

const natureOf = (id: string): Nature => {
  const nature = { ...usual, ...byProvider[id.slice(0, id.indexOf('/'))] }
  // two routes whose draws are counted: one never fails, of the other the cheapest is away two minutes in five
  if (/\/(?:steady|shares)$/.test(id)) return { ...nature, faults: 0, outage: never }
  if (id === 'ada/shaky') return { ...nature, faults: 0, outage: [120_000, 300_000] }
  return id.endsWith('/shaky') ? { ...nature, faults: 0, outage: never } : nature
}

const policy = { failures: 5, open: 10_000, max_open: 60_000 }

export interface WorldParts {
  readonly random: Random
  readonly stats: Stats
  readonly health: Health
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export class World {
  readonly #parts: WorldParts
  readonly #natures = new Map<string, Nature & { readonly begins: number }>()
  /** Tokens that an endpoint holds of a conversation, and since when. */
  readonly #caches = new Map<string, { readonly tokens: number; readonly at: number }>()

  constructor(parts: WorldParts) {
    this.#parts = parts
  }

  #nature(id: string) {
    const known = this.#natures.get(id)
    if (known) return known
    const nature = natureOf(id)
    const nova = { ...nature, begins: this.#parts.random() * nature.outage[1] }
    this.#natures.set(id, nova)
    return nova
  }

  isOut(id: string): boolean {
    const { outage, begins } = this.#nature(id)
    return (this.#parts.now() + begins) % outage[1] < outage[0]
  }

  #usage(id: string, call: Call, { facts }: Candidate): Usage {
    const { prompt, completion } = needsOf(call)
    const keeps = facts.pricing?.input_cache_read !== undefined && prompt >= 1_024
    const conversation = `${id} ${JSON.stringify([call.request.session_id, call.request.messages?.[0]])}`
    const known = this.#caches.get(conversation)
    const now = this.#parts.now()
    const held = known && now - known.at < 300_000 ? Math.min(known.tokens, prompt) : 0
    if (keeps) this.#caches.set(conversation, { tokens: prompt, at: now })
    return {
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: {
        cached_tokens: keeps ? held : 0,
        // not all of a prompt is worth keeping
        cache_write_tokens: keeps ? Math.floor((prompt - held) * 0.3) : 0,
      },
    }
  }

  /** One attempt; undefined where it failed. */
  #attempt(call: Call, candidate: Candidate): Usage | undefined {
    const { random, stats, health } = this.#parts
    const id = endpointId(candidate.endpoint)
    const nature = this.#nature(id)
    health.started(candidate.endpoint)
    if (this.isOut(id) || random() < nature.faults) {
      stats.record(id, { ok: false })
      health.failed(candidate.endpoint, new GatewayError('upstream_unreachable'), policy)
      return undefined
    }
    const usage = this.#usage(id, call, candidate)
    const first = nature.latency * (0.6 + 0.8 * random())
    const tokens = usage.completion_tokens ?? 0
    const speaking = (tokens / (nature.speed * (0.7 + 0.6 * random()))) * 1_000
    const tools = call.request.tools ? { tools: random() < nature.tools } : {}
    stats.record(id, { ok: true, first, speaking, tokens, ...tools })
    health.succeeded(candidate.endpoint)
    return usage
  }

  /** Asks one candidate after the other, those that rest left out; undefined where nobody answered. */
  answer(call: Call, candidates: readonly Candidate[]) {
    for (const candidate of candidates) {
      if (this.#parts.health.wait(candidate.endpoint) > 0) continue
      const usage = this.#attempt(call, candidate)
      if (usage) return { endpoint: candidate.endpoint, usage }
    }
    return undefined
  }
}
