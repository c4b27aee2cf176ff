import {
  deferred,
  definePlugin,
  GatewayError,
  notices,
  stages,
  withTools,
  type Call,
  type Handler,
} from 'sluice/plugin'
import { listed, usualPrompt, withAtEnd } from './online/block.ts'
import { chosenEngines, type Chosen } from './online/chosen.ts'
import { withCitations } from './online/citations.ts'
import { nativeCall } from './online/native.ts'
import { asked, options } from './online/options.ts'
import { plainQuery, writtenQuery } from './online/query.ts'
import { createSearcher, type Found } from './online/searcher.ts'
import { settle, wholeWish } from './online/settled.ts'
import { searchTool } from './online/tool.ts'
import type { Result } from './online/wanted.ts'
import {
  optionsWish,
  together,
  toolsWish,
  toolWish,
  withoutWishes,
  type Wish,
} from './online/wishes.ts'

const usualTotal = 50

/**
 * Searches the web for any model: once before the call (`:online`, `plugins: [{ id: 'web' }]`, `web_search_options`), or
 * as often as the model wants (tools such as `openrouter:web_search`). What was found goes to the model as data of
 * strangers, and what it cites of it comes back as annotations.
 */
export default definePlugin({
  name: 'online',
  options,
  asked,
  ids: ['web', 'online'],
  operations: ['chat'],
  order: [
    { outside: 'fallback', why: 'it would search anew for every endpoint that is tried' },
    {
      outside: 'privacy',
      why: 'places in the answer are counted once it reads as it will be read',
    },
    { inside: 'cache', why: 'it would search for answers that are already there' },
  ],
  setup(settings, host) {
    const search = createSearcher(host, settings)

    /** Undefined where no engine answered and the call goes on without. */
    const find = async (
      query: string,
      wish: Wish,
      { engines }: Chosen,
      call: Call,
    ): Promise<Found | undefined> => {
      const wanted = { ...settle(settings, wish), query: host.leaving(query, call) }
      try {
        return await search(engines, wanted, call)
      } catch (error) {
        if (call.signal.aborted) throw error
        if (settings.when_down === 'fail') throw new GatewayError('search_unavailable')
        call.vars
          .get(notices)
          .push(
            engines.length > 0
              ? 'online: the search is down; answered without it'
              : 'online: no search of its own that fits; answered without one',
          )
        const data = { engine: null, results: 0 }
        const summary = 'the web search is down'
        call.vars.get(stages).push({ type: 'plugin', name: 'web', summary, data })
        return undefined
      }
    }

    const injected = (call: Call, next: Handler, wish: Wish, chosen: Chosen) =>
      deferred(async () => {
        const { query_model: model } = settings
        const query = model ? await writtenQuery(host, call, model) : plainQuery(call.request)
        const found = query === '' ? undefined : await find(query, wish, chosen, call)
        if (!found) return next(call)
        const { engine, results, cost } = found
        const summary = `searched the web with ${engine}`
        const data = { engine, results: results.length }
        call.vars.get(stages).push({
          type: 'plugin',
          name: 'web',
          summary,
          data,
          ...(cost !== undefined && { cost_usd: cost }),
        })
        const date = new Date().toISOString().slice(0, 10)
        const prompt = wish.search_prompt ?? settings.search_prompt ?? usualPrompt(date)
        const request = withAtEnd(call.request, `${prompt}\n\n${listed(results)}`)
        return withCitations(next({ ...call, request }), results, 1)
      })

    const offered = (call: Call, next: Handler, wish: Wish, chosen: Chosen) => {
      const shown: Result[] = []
      const tool = searchTool({
        maxUses: wish.max_uses ?? settings.max_uses,
        maxTotal: wish.max_total_results ?? usualTotal,
        prompt: settings.search_prompt,
        search: async (query, inner) => (await find(query, wish, chosen, inner))?.results,
        found: (results) => void shown.push(...results),
      })
      const own = toolsWish(call.request) ? [] : [tool]
      const replaces = (entry: unknown) => (toolWish(entry) ? tool : undefined)
      return withCitations(withTools(call, next, own, replaces), shown)
    }

    return (call, next) => {
      const { options: said, call: rest } = host.asked(call)
      const byTool = toolsWish(call.request)
      const byOptions = optionsWish(call.request)
      const once = said ?? byOptions ?? (rest === call ? undefined : {})
      if (!once && !byTool) return next(rest)

      const wish = together(byTool, byOptions, said)
      const chosen = chosenEngines(settings, wish)
      if (chosen.unknown)
        call.vars.get(notices).push('online: that search engine is not set up here')
      if (chosen.native) {
        const native = nativeCall(host, call, rest, wholeWish(settings, wish))
        if (native) return next(native)
      }
      const { mode } = settings
      const asTool = mode === 'tool' || (mode === 'auto' && byTool !== undefined)
      const without = { ...rest, request: withoutWishes(rest.request) }
      if (!asTool) return injected(without, next, wish, chosen)
      const { web_search_options: _, ...request } = rest.request
      const offering: Handler = (inner) => offered(inner, next, wish, chosen)
      const open = { ...rest, request }
      // who asked for both gets one search before, and more as the model wants
      return once && mode === 'auto' ? injected(open, offering, wish, chosen) : offering(open)
    }
  },
})
