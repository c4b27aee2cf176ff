import { definePlugin, v, withTools, type ServerTool } from 'sluice/plugin'

const wanted = /^(openrouter:)?web_search|^googleSearch$/

/** A search that finds the same two pages whatever it is asked, under the name that the scripted models call. */
export default definePlugin({
  name: 'search-plugin',
  options: v.object({
    name: v.optional(v.string(), 'web_search'),
    delay: v.optional(v.number(), 0),
    /** Asked by each search, which goes on when it has answered. */
    asks: v.exactOptional(v.string()),
  }),
  operations: ['chat'],
  setup({ name, delay, asks }) {
    const tool: ServerTool = {
      name,
      type: 'openrouter:web_search',
      description: 'Searches the web.',
      parameters: { type: 'object', properties: { query: { type: 'string' } } },
      async execute(_args, { signal }) {
        if (asks) await fetch(asks, { method: 'POST', body: '{}', signal })
        if (delay > 0) await Bun.sleep(delay)
        const sources = [
          { url: 'https://one.example/a', title: 'One' },
          { url: 'https://two.example/b', title: 'Two' },
        ]
        const annotations = sources.map((source, at) => ({
          type: 'url_citation',
          url_citation: {
            ...source,
            content: `About ${source.title}.`,
            start_index: at,
            end_index: at + 2,
          },
        }))
        return { text: 'Found: 21 degrees.', sources, annotations, cost: 0.007 }
      },
    }
    return (call, next) =>
      withTools(call, next, [], (entry) =>
        wanted.test(String((entry as { type?: unknown }).type)) ? tool : undefined,
      )
  },
})
