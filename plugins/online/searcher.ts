import { LRUCache } from 'lru-cache'
import { GatewayError, v, type Call, type Host } from 'sluice/plugin'
import type { EngineName } from './engines.ts'
import type { Options } from './options.ts'
import { readPages } from './read-pages.ts'
import { costOf, searchAt } from './ask-engine.ts'
import type { Result, Wanted } from './wanted.ts'

export interface Found {
  readonly engine: EngineName
  readonly results: readonly Result[]
  /** Dollars that this call paid for it. */
  readonly cost?: number
}

/** Characters of all results that are kept. */
const mostKept = 32 * 1024 * 1024

const leaves = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const leave = () => reject(new GatewayError('client_closed'))
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
  })

/** Why an engine failed, without anything that was asked or answered. */
const reasonOf = (error: unknown): string => {
  if (error instanceof SyntaxError || v.isValiError(error)) return 'its answer is not understood'
  return error instanceof Error ? error.message : 'unknown'
}

/** Found by a search that another call has paid for. */
const free = ({ engine, results }: Found): Found => ({ engine, results })

/**
 * Searches with the first engine that answers. The same search is made once for all who want it at a time, and its
 * results are kept: they are the web's, and the query is as it left the house, so that they may be anyone's.
 */
export const createSearcher = (host: Host, options: Options) => {
  const { timeout, cache: ttl, fetch: pages, engines: settings } = options
  const kept = new LRUCache<string, Found>({
    maxSize: mostKept,
    sizeCalculation: ({ results }) => JSON.stringify(results).length + 1,
    ttl,
    max: 2_000,
  })
  const flights = new Map<string, Promise<Found>>()

  const search = async (
    names: readonly EngineName[],
    wanted: Wanted,
    call: Call,
  ): Promise<Found> => {
    for (const engine of names)
      try {
        const results = await searchAt(host.service, engine, wanted, settings[engine], timeout)
        const cost = costOf(engine, settings[engine], results.length, wanted)
        if (cost !== 0) host.charge(call, engine, cost)
        return {
          engine,
          results: pages ? await readPages(host, results, call, pages) : results,
          ...(cost !== undefined && cost > 0 && { cost }),
        }
      } catch (error) {
        host.log.warn('a search engine failed', { engine, reason: reasonOf(error) })
      }
    throw new Error('no search engine answered')
  }

  /** Rejects when every engine has failed, or the client has left. */
  return async (names: readonly EngineName[], wanted: Wanted, call: Call): Promise<Found> => {
    const key = JSON.stringify([names, wanted])
    const known = kept.get(key)
    if (known) return known
    const flying = flights.get(key)
    if (flying) return Promise.race([flying.then(free), leaves(call.signal)])
    const flight = search(names, wanted, call)
      .then((found) => {
        kept.set(key, free(found))
        return found
      })
      .finally(() => flights.delete(key))
    flights.set(key, flight)
    return Promise.race([flight, leaves(call.signal)])
  }
}
