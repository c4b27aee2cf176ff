import type { ProviderConfig } from '../config.ts'
import { log, traceOf } from '../log.ts'
import { askProvider } from './ask-provider.ts'
import { createDownloadedList } from './downloaded.ts'
import { createGenaiPrices } from './genai-prices.ts'
import { unbilled } from './own-sources.ts'
import { createReportedLists } from './reported-lists.ts'
import type { Reported } from './reported.ts'
import { withDetails } from './runtimes.ts'
import type { Source } from './source.ts'

/** All that is known of models besides the config. It outlives reloads. */
export interface Learned {
  /** Grows with everything that is learned. */
  readonly version: number
  /** The first knows best. */
  readonly sources: readonly Source[]
  /** Reads what lies on this machine, and later what has changed of it. Never throws, and asks nobody. */
  look(): Promise<void>
  /**
   * The provider's own list; asked for again when it is older than `age` milliseconds, or `silent` if it never said
   * anything. Never throws.
   */
  ask(provider: ProviderConfig, age?: number, silent?: number): Promise<readonly Reported[]>
}

const dayOf = (): number => Math.floor(Date.now() / 86_400_000)

/** @param data the directory of what was downloaded; without it, nothing was */
export const createLearned = (data?: string): Learned => {
  let version = 1
  const learned = () => void version++
  const reported = createReportedLists(
    async (provider) => withDetails(provider, await askProvider(provider)),
    learned,
  )
  const downloaded = data === undefined ? undefined : createDownloadedList(data, learned)
  const bundled = createGenaiPrices()
  let day: number | undefined

  /** The bundle once; on another day, other prices may hold. */
  const lookAtBundle = async () => {
    const today = dayOf()
    if (today === day) return
    day = today
    await bundled.load()
    learned()
  }

  return {
    get version() {
      return version
    },
    sources: [reported, unbilled, ...(downloaded ? [downloaded] : []), bundled],
    async look() {
      try {
        await downloaded?.look()
        await lookAtBundle()
      } catch (error) {
        log.error('the lists of models on this machine cannot be read', { stack: traceOf(error) })
      }
    },
    ask: reported.ask,
  }
}
