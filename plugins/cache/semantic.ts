import { LRUCache } from 'lru-cache'
import {
  collect,
  listOf,
  messageOf,
  objectOf,
  type Call,
  type Host,
  type Message,
} from 'sluice/plugin'
import type { Nearest } from './answers.ts'
import { decisive, stable } from './canonical.ts'
import { hashOf, scopeOf } from './key.ts'
import type { AskedOptions, Options, Semantic } from './options.ts'
import { namesTheSame, wordingOf, type Wording } from './wording.ts'

/** What was asked, as a direction. */
interface Meant {
  /** A hash of all that must be the same besides the question. */
  readonly scope: string
  readonly vector: Float32Array
  readonly text: Wording
}

/** Characters of a question; a longer one is no question. */
const longest = 4_000

/** Where a question stands, in any format. */
const question: ReadonlySet<string> = new Set(['messages', 'input', 'contents'])

const textOf = ({ content }: Message): string | undefined => {
  if (typeof content === 'string') return content
  if (!content?.every(({ type, text }) => type === 'text' && typeof text === 'string'))
    return undefined
  return content.map(({ text }) => text).join('\n')
}

const isInstruction = ({ role }: Message): boolean => role === 'system' || role === 'developer'

/** The only question of a conversation that has not gone on, in text, with no tools; undefined for all else. */
const questionIn = ({ operation, request }: Call): string | undefined => {
  const { messages = [], tools, functions, web_search_options, response_format } = request
  if (operation !== 'chat' || tools || functions || web_search_options || response_format)
    return undefined
  const asked = messages.filter((message) => !isInstruction(message))
  const [only] = asked
  if (!only || asked.length > 1 || only.role !== 'user' || messages.at(-1) !== only)
    return undefined
  const text = textOf(only)
  return text && text.length <= longest ? text : undefined
}

/** A vector scaled to length one; undefined for anything else. */
const directionOf = (values: unknown): Float32Array | undefined => {
  if (!Array.isArray(values) || values.length === 0) return undefined
  const vector = Float32Array.from(values, Number)
  const length = Math.hypot(...vector)
  return length > 0 && Number.isFinite(length) ? vector.map((one) => one / length) : undefined
}

/** The cosine of two directions. */
const likeness = (one: Float32Array, other: Float32Array): number => {
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += (one[at] ?? 0) * (other[at] ?? 0)
  return sum
}

/** Finds what was answered to a question that means about the same; where it cannot, nothing is found. */
export const createSemantic = (
  host: Host<AskedOptions>,
  options: Options,
  { model, threshold, entries, timeout }: Semantic,
): Nearest => {
  const name = `semantic/${model}`
  const before = host.store.get(name)
  const known =
    before instanceof LRUCache && before.max === entries
      ? (before as LRUCache<string, Meant>)
      : new LRUCache<string, Meant>({ max: entries })
  host.store.set(name, known)
  /** What calls that are being answered have asked. */
  const asked = new WeakMap<Call['vars'], Meant>()

  /** Comparisons that are being made. */
  const making = new Map<string, Promise<Meant | undefined>>()

  const scopeIn = (call: Call): string => {
    const { request, source } = call
    const told = (request.messages ?? []).filter(isInstruction)
    const own = source && decisive(source.json.value, question)
    return hashOf(stable([scopeOf(call, host, options), decisive(request, question), told, own]))
  }

  const embedded = async (call: Call, scope: string, text: string): Promise<Meant | undefined> => {
    const errand = {
      operation: 'embeddings',
      request: { model, input: text, encoding_format: 'float' },
      signal: AbortSignal.any([call.signal, AbortSignal.timeout(timeout)]),
    } as const
    try {
      const answer = await collect(host.ask(call, errand))
      const vector = directionOf(objectOf(listOf(answer?.data)[0]).embedding)
      return vector && { scope, vector, text: wordingOf(text) }
    } catch (error) {
      host.log.warn('a question could not be compared', {
        id: call.id,
        reason: messageOf(error),
      })
      return undefined
    }
  }

  const meaningOf = (call: Call, text: string): Promise<Meant | undefined> => {
    const scope = scopeIn(call)
    const id = hashOf(scope + text)
    const made = making.get(id) ?? embedded(call, scope, text).finally(() => making.delete(id))
    making.set(id, made)
    return made
  }

  const nearestTo = ({ scope, vector, text }: Meant) => {
    let nearest: { readonly key: string; readonly like: number } | undefined
    for (const [key, other] of known.entries()) {
      if (other.scope !== scope || other.vector.length !== vector.length) continue
      const like = likeness(vector, other.vector)
      if (like < threshold || like <= (nearest?.like ?? -1)) continue
      if (namesTheSame(text, other.text)) nearest = { key, like }
    }
    if (nearest) known.get(nearest.key)
    return nearest
  }

  return {
    async find(call) {
      const text = questionIn(call)
      const meant = text === undefined ? undefined : await meaningOf(call, text)
      if (!meant) return undefined
      asked.set(call.vars, meant)
      const nearest = nearestTo(meant)
      return nearest && { key: nearest.key, how: `semantic; similarity=${nearest.like.toFixed(2)}` }
    },
    learn(call, key) {
      const meant = asked.get(call.vars)
      if (meant) known.set(key, meant)
    },
  }
}
