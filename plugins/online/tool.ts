import { v, type Call, type ServerTool } from 'sluice/plugin'
import { listed, usualPrompt } from './block.ts'
import { cutQuery } from './query.ts'
import type { Result } from './wanted.ts'

const args = v.object({ query: v.pipe(v.string(), v.trim(), v.nonEmpty()) })

interface Searching {
  readonly maxUses: number
  readonly maxTotal: number
  readonly prompt: string | undefined
  /** Undefined where no engine answered. */
  search(query: string, call: Call): Promise<readonly Result[] | undefined>
  /** Hears of all that the model is shown. */
  found(results: readonly Result[]): void
}

/** The web as a tool of the model's. */
export const searchTool = ({ maxUses, maxTotal, prompt, search, found }: Searching): ServerTool => {
  let left = maxTotal
  return {
    name: 'web_search',
    description:
      'Searches the web. Use it for what is recent, or what you do not know for sure. The results come with their addresses: cite them.',
    parameters: {
      type: 'object',
      properties: {
        query: { type: 'string', description: 'What to search for, as for a search engine.' },
      },
      required: ['query'],
      additionalProperties: false,
    },
    maxUses,
    async execute(given, call) {
      const asked = v.safeParse(args, given)
      if (!asked.success) return { text: 'The argument "query" is missing.', failed: true }
      if (left <= 0) return { text: 'There are no more results in this answer.', failed: true }
      const all = await search(cutQuery(asked.output.query), call)
      if (!all) return { text: 'The web search is down: answer without it.', failed: true }
      const results = all.slice(0, left)
      left -= results.length
      found(results)
      const date = new Date().toISOString().slice(0, 10)
      return {
        text: `${prompt ?? usualPrompt(date)}\n\n${listed(results)}`,
        sources: results.map(({ url, title }) => ({ url, title })),
      }
    },
  }
}
