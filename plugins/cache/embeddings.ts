import {
  again,
  answerWith,
  collect,
  deferred,
  firstContent,
  isObject,
  listOf,
  type Answer,
  type Call,
  type Chunk,
  type Handler,
  type Host,
  type Fields,
} from 'sluice/plugin'
import type { Stores } from './answers.ts'
import { decisive, stable } from './canonical.ts'
import { servedIn, type Entry } from './entry.ts'
import { ownerOf } from './flights.ts'
import { hashOf, scopeOf } from './key.ts'
import type { AskedOptions, Options } from './options.ts'
import { tellHit, tellMiss } from './told.ts'
import type { Wish } from './wish.ts'

/** What is to be embedded, one by one; a list of numbers is the tokens of one text. */
const inputsOf = ({ input }: Call['request']): readonly unknown[] =>
  Array.isArray(input) && !input.every((item) => typeof item === 'number') ? input : [input]

const vectorsOf = ({ data }: Chunk): readonly Fields[] => listOf(data).filter(isObject)

/** An answer's vectors in the order of what was asked; undefined where they are not as many. */
const inOrder = (chunk: Chunk, count: number): readonly Fields[] | undefined => {
  const vectors = vectorsOf(chunk)
  const sorted = vectors.toSorted((one, other) => Number(one.index) - Number(other.index))
  return sorted.length === count ? sorted : undefined
}

const withData = (chunk: Chunk, vectors: readonly object[]): Chunk => ({
  ...chunk,
  data: vectors.map((vector, index) => ({ ...vector, index })),
})

/** Keeps every vector by itself: of many texts, only those are asked that are not known. */
export const createEmbeddings = (
  host: Host<AskedOptions>,
  options: Options,
  { shelf, flights }: Stores,
) => {
  const keysOf = (call: Call): readonly string[] => {
    const { input: _, ...rest } = call.request
    const kind = stable([scopeOf(call, host, options), decisive(rest)])
    return inputsOf(call.request).map((input) => hashOf(kind + stable(input)))
  }

  const keep = (call: Call, chunk: Chunk, vectors: ReadonlyMap<string, object>, ttl: number) => {
    const made = Date.now()
    const { data: _, ...rest } = chunk
    const entries = [...vectors].map(([key, vector]): [string, Entry] => [
      key,
      {
        ...servedIn(call),
        made,
        expires: made + ttl,
        pieces: [{ at: 0, chunks: [{ chunk: { ...rest, data: [vector] } }] }],
      },
    ])
    return Promise.all(entries.map(([key, entry]) => shelf.set(key, entry)))
  }

  const chunkOf = (entry: Entry | undefined): Chunk => entry?.pieces.at(0)?.chunks[0]?.chunk ?? {}

  /** The answer put together of what is known and what is asked. */
  const filled = async (
    call: Call,
    keys: readonly string[],
    known: ReadonlyMap<string, Entry>,
    next: Handler,
    ttl: number,
  ): Promise<Chunk> => {
    const inputs = inputsOf(call.request)
    const missing = new Map(
      keys.flatMap((key, at) => (known.has(key) ? [] : [[key, inputs[at]] as const])),
    )
    const all = missing.size === inputs.length
    const request = all ? call.request : { ...call.request, input: [...missing.values()] }
    const owner = ownerOf(call)
    const chunk = (await collect(next({ ...call, request }))) ?? {}
    const came = inOrder(chunk, missing.size)
    if (!came) return chunk
    const fresh = new Map([...missing.keys()].map((key, at) => [key, came[at] ?? {}]))
    if (ownerOf(call) === owner) await keep(call, chunk, fresh, ttl)
    if (all) return chunk
    return withData(
      chunk,
      keys.map((key) => fresh.get(key) ?? vectorsOf(chunkOf(known.get(key)))[0] ?? {}),
    )
  }

  const choose = async (call: Call, wish: Wish, next: Handler): Promise<AsyncIterable<Chunk>> => {
    const keys = keysOf(call)
    if (wish.clear) for (const key of keys) shelf.delete(key)
    const known = new Map(
      [...new Set(keys)].flatMap((key) => {
        const entry = shelf.get(key)
        return entry ? [[key, entry] as const] : []
      }),
    )
    const [first] = known.values()
    if (first && keys.every((key) => known.has(key))) {
      const oldest = [...known.values()].reduce((one, other) =>
        one.expires < other.expires ? one : other,
      )
      tellHit(call, oldest)
      const vectors = keys.map((key) => vectorsOf(chunkOf(known.get(key)))[0] ?? {})
      return answerWith(again(withData(chunkOf(first), vectors), call))
    }
    const key = hashOf(keys.join())
    const followed = wish.clear ? undefined : flights.follow(key, call, wish)
    if (followed)
      return firstContent(followed.answer).catch((error) => {
        if (followed.isTheirs()) return choose(call, wish, next)
        throw error
      })
    const how = known.size > 0 ? `partial; known=${known.size}` : undefined
    tellMiss(call, wish.ttl, how)
    const fill: Handler = (asking) =>
      deferred(async () => answerWith(await filled(asking, keys, known, next, wish.ttl)))
    return flights.lead(key, call, fill, async () => undefined)
  }

  return (call: Call, wish: Wish, next: Handler): Answer => deferred(() => choose(call, wish, next))
}
