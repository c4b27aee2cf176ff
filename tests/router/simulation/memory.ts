/** What the reference remembers of conversations: which endpoint's prompt cache holds each. */
import { expectedCost } from '../../../src/catalog/pricing.ts'
import type { Usage } from '../../../src/chat.ts'
import type { Needs } from '../../../src/router/choice/needs.ts'
import type { House } from './house.ts'
import type { Asked } from './requests.ts'
import type { Offer } from './sections.ts'

interface Held {
  readonly id: string
  readonly tokens: number
  readonly sure: boolean
  /** Milliseconds since 1970. */
  readonly until: number
}

const isInstruction = ({ role }: { readonly role: string }) =>
  role === 'system' || role === 'developer'

const explicit = ({ request, headers }: Asked): unknown =>
  request.session_id ?? headers['x-session-id'] ?? request.prompt_cache_key

/** The client's own name of the conversation, else how it begins; for each caller and model apart. */
const keyOf = (asked: Asked): string => {
  const { messages = [], model } = asked.request
  const beginning = [messages.find(isInstruction), messages.find((one) => !isInstruction(one))]
  const contents = beginning.map((message) => message?.content ?? '')
  return JSON.stringify([asked.caller?.name, model, explicit(asked) ?? contents])
}

const lives: Readonly<Record<string, number>> = { '1m': 60_000, '1h': 3_600_000 }

export class Memory {
  readonly #house: House
  readonly #held = new Map<string, Held>()

  constructor(house: House) {
    this.#house = house
  }

  find(asked: Asked, at: Date): Held | undefined {
    const held = this.#held.get(keyOf(asked))
    return held && held.until >= at.getTime() ? held : undefined
  }

  /** What it costs there with the prompt that is held, against what it costs elsewhere without. */
  paysBack(
    { tokens, sure }: Held,
    there: Offer,
    elsewhere: Offer,
    needs: Needs,
    at: Date,
  ): boolean {
    const { prompt, completion } = needs
    const back = expectedCost(there.facts.pricing, { prompt, completion, cached: tokens }, at)
    const away = expectedCost(elsewhere.facts.pricing, { prompt, completion }, at)
    return back === undefined || away === undefined ? sure : back < away * (1 - 1e-9)
  }

  /** After an answer: always when the client named it, else when a cache was used, or surely will be. */
  note(asked: Asked, id: string, usage: Usage, at: Date): void {
    const details = usage.prompt_tokens_details as Record<string, number>
    const held = details.cached_tokens! + details.cache_write_tokens!
    const { input_cache_read: read, prompt = 0 } = this.#house.offers[id]?.pricing ?? {}
    const fills = read !== undefined && read < prompt && usage.prompt_tokens >= 1_024
    const named = explicit(asked) !== undefined
    if (!named && held === 0 && !fills) return
    const ttl = this.#house.providers[id.slice(0, id.indexOf('/'))]?.cache_ttl ?? ''
    this.#held.set(keyOf(asked), {
      id,
      tokens: held || usage.prompt_tokens,
      sure: named || held > 0,
      until: at.getTime() + (lives[ttl] ?? 300_000),
    })
  }
}
