import { GatewayError, key, notices, stages, type Call, type Host } from 'sluice/plugin'
import type { Chosen } from './chosen.ts'
import type { Options } from './options.ts'
import { cutQuery } from './query.ts'
import { createSearcher, type Found } from './searcher.ts'
import { settle } from './settled.ts'
import type { Result } from './wanted.ts'
import type { Wish } from './wishes.ts'

/** All that was found for a call, which its answer may cite. */
export const shown = key<Result[]>('found on the web', () => [])

/** The search before a call, which may come by several times: once for each turn that tools take. */
const before = key<{ readonly found: Found | undefined } | undefined>(
  'searched before the call',
  () => undefined,
)

const tellDown = ({ vars }: Call, { engines }: Chosen): void => {
  const why =
    engines.length > 0
      ? 'online: the search is down; answered without it'
      : 'online: no search engine fits the request; answered without a search'
  vars.get(notices).push(why)
  const data = { engine: null, results: 0 }
  vars.get(stages).push({ type: 'plugin', name: 'web', summary: 'the web search is down', data })
}

const tellFound = ({ vars }: Call, { engine, results, cost }: Found): void => {
  vars.get(stages).push({
    type: 'plugin',
    name: 'web',
    summary: `searched the web with ${engine}`,
    data: { engine, results: results.length },
    ...(cost !== undefined && { cost_usd: cost }),
  })
}

/** Searches on behalf of calls, and tells them of it. */
export const createFinder = (host: Host, settings: Options) => {
  const search = createSearcher(host, settings)

  /** Undefined where no engine answered and the call goes on without. Throws `search_unavailable`. */
  const find = async (
    query: string,
    wish: Wish,
    chosen: Chosen,
    call: Call,
  ): Promise<Found | undefined> => {
    const wanted = { ...settle(settings, wish), query: cutQuery(host.leaving(query, call)) }
    try {
      return await search(chosen.engines, wanted, call)
    } catch (error) {
      if (call.signal.aborted) throw error
      if (settings.when_down === 'fail') throw new GatewayError('search_unavailable')
      tellDown(call, chosen)
      return undefined
    }
  }

  return {
    /** For a tool: up to so many results, all of which the model is shown. */
    async forTool(
      query: string,
      wish: Wish,
      chosen: Chosen,
      call: Call,
      most: number,
    ): Promise<readonly Result[] | undefined> {
      const found = await find(query, wish, chosen, call)
      const results = found?.results.slice(0, most)
      if (results) call.vars.get(shown).push(...results)
      return results
    },
    /** The search before the call; `again` when an earlier turn already made it. */
    async once(query: () => Promise<string>, wish: Wish, chosen: Chosen, call: Call) {
      const known = call.vars.get(before)
      if (known) return { ...known, again: true }
      const words = await query()
      const found = words === '' ? undefined : await find(words, wish, chosen, call)
      call.vars.set(before, { found })
      if (found) {
        tellFound(call, found)
        call.vars.get(shown).push(...found.results)
      }
      return { found, again: false }
    },
  }
}
