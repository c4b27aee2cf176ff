import { v, type Call, type ServerTool } from 'sluice/plugin'
import { listed, usualPrompt } from './block.ts'
import type { Result } from './wanted.ts'

const args = v.object({ query: v.pipe(v.string(), v.trim(), v.nonEmpty()) })

interface Searching {
  readonly maxUses: number
  readonly prompt: string | undefined
  /** How many results the model may still be shown. */
  left(): number
  /** Undefined where no engine answered. */
  search(query: string, call: Call): Promise<readonly Result[] | undefined>
}

/** The web as a tool of the model's. */
export const searchTool = ({ maxUses, prompt, left, search }: Searching): ServerTool => ({
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
    if (left() <= 0) return { text: 'There are no more results in this answer.', failed: true }
    const results = await search(asked.output.query, call)
    if (!results) return { text: 'The web search is down: answer without it.', failed: true }
    return {
      text: `${prompt ?? usualPrompt()}\n\n${listed(results)}`,
      sources: results.map(({ url, title }) => ({ url, title })),
    }
  },
})
