import { deferred, definePlugin, notices, withTools, type Call, type Handler } from 'sluice/plugin'
import { listed, usualPrompt, withResults } from './online/block.ts'
import { checkEngines, chosenEngines, type Chosen } from './online/chosen.ts'
import { withCitations } from './online/citations.ts'
import { createFinder, shown } from './online/finder.ts'
import { nativeCall } from './online/native.ts'
import { asked, options } from './online/options.ts'
import { plainQuery, writtenQuery } from './online/query.ts'
import { wholeWish } from './online/settled.ts'
import { searchTool } from './online/tool.ts'
import {
  optionsWish,
  together,
  toolsWish,
  toolWish,
  withoutWishes,
  type Wish,
} from './online/wishes.ts'

/** Results of all searches of an answer, by OpenRouter's default. */
const usualTotal = 50

const tellUnknown = ({ vars }: Call): void => {
  const told = vars.get(notices)
  const words = 'online: that search engine is not set up here'
  if (!told.includes(words)) told.push(words)
}

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
      why: 'citations say where they stand in the answer as the client reads it',
    },
    { inside: 'cache', why: 'it would search for answers that are already there' },
  ],
  setup(settings, host) {
    checkEngines(settings)
    const finder = createFinder(host, settings)

    const injected = (call: Call, next: Handler, wish: Wish, chosen: Chosen) =>
      deferred(async () => {
        const { query_model: model } = settings
        const query = async () =>
          model ? writtenQuery(host, call, model) : plainQuery(call.request)
        const { found, again } = await finder.once(query, wish, chosen, call)
        if (!found) return next(call)
        const prompt = wish.search_prompt ?? settings.search_prompt ?? usualPrompt()
        const request = withResults(call.request, `${prompt}\n\n${listed(found.results)}`)
        const answer = next({ ...call, request })
        return withCitations(answer, call.vars.get(shown), again ? undefined : 1)
      })

    const offered = (call: Call, next: Handler, wish: Wish, chosen: Chosen) => {
      const results = call.vars.get(shown)
      const left = () => (wish.max_total_results ?? usualTotal) - results.length
      const tool = searchTool({
        maxUses: wish.max_uses ?? settings.max_uses,
        prompt: settings.search_prompt,
        left,
        search: (query, inner) => finder.forTool(query, wish, chosen, inner, left()),
      })
      const own = toolsWish(call.request) ? [] : [tool]
      const replaces = (entry: unknown) => (toolWish(entry) ? tool : undefined)
      return withCitations(withTools(call, next, own, replaces), results)
    }

    return (call, next) => {
      const { options: said, call: rest } = host.asked(call)
      const byTool = toolsWish(call.request)
      const byOptions = optionsWish(call.request)
      const once = said ?? byOptions ?? (rest === call ? undefined : {})
      if (!once && !byTool) return next(rest)

      const wish = together(byTool, byOptions, said)
      const chosen = chosenEngines(settings, wish)
      if (chosen.unknown) tellUnknown(call)
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
