import { messageOf, type Call, type Host } from 'sluice/plugin'
import type { PageSettings } from './options.ts'
import type { Result } from './wanted.ts'

/** The results, the first of them with what their pages say; one that cannot be read keeps the engine's words. */
export const readPages = (
  host: Host,
  results: readonly Result[],
  call: Call,
  { pages, ...limits }: PageSettings,
): Promise<Result[]> =>
  Promise.all(
    results.map(async (result, at) => {
      if (at >= pages) return result
      try {
        const { text } = await host.page(result.url, call, limits)
        return text.length > result.content.length ? { ...result, content: text } : result
      } catch (error) {
        host.log.debug('a page was not read', { reason: messageOf(error) })
        return result
      }
    }),
  )
