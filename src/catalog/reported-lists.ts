import { LRUCache } from 'lru-cache'
import type { ProviderConfig } from '../config.ts'
import type { Facts } from './facts.ts'
import { reportedFacts } from './reported-facts.ts'
import type { Reported } from './reported.ts'
import type { Source } from './source.ts'

/** Milliseconds for which a list is not asked for again. */
export const listAge = 5 * 60_000

interface Known {
  readonly list: readonly Reported[]
  readonly byId: ReadonlyMap<string, Reported>
  readonly asked: number
  /** Of what was said, to see whether another list says the same. */
  readonly hash: number | bigint
}

export interface ReportedLists extends Source {
  /**
   * The provider's list; asked for again when it is older than `age` milliseconds, or `silent` if it never said
   * anything. Never throws.
   */
  ask(provider: ProviderConfig, age?: number, silent?: number): Promise<readonly Reported[]>
}

/** A provider of the same name elsewhere is another. */
const idOf = ({ name, base_url }: ProviderConfig): string => `${name}\n${base_url}`

/**
 * What providers say about their models. When one does not answer, what it said before still holds.
 * @param learned called when a list says something new
 * @param now milliseconds
 */
export const createReportedLists = (
  read: (provider: ProviderConfig) => Promise<readonly Reported[]>,
  learned: () => void,
  now: () => number = () => performance.now(),
): ReportedLists => {
  const lists = new LRUCache<string, Known>({ max: 1_000 })
  const asking = new Map<string, Promise<readonly Reported[]>>()

  const askNow = async (provider: ProviderConfig, id: string): Promise<readonly Reported[]> => {
    const before = lists.get(id)
    const answer = await read(provider).catch((): readonly Reported[] => [])
    const asked = now()
    const hash = Bun.hash(JSON.stringify(answer))
    if (before && (answer.length === 0 || hash === before.hash)) {
      lists.set(id, { ...before, asked })
      return before.list
    }
    const byId = new Map(answer.map((model) => [model.id, model]))
    lists.set(id, { list: answer, byId, asked, hash })
    if (answer.length > 0) learned()
    return answer
  }

  return {
    name: 'provider',
    facts(provider, model): Facts | undefined {
      const reported = lists.get(idOf(provider))?.byId.get(model)
      return reported && reportedFacts(provider, reported)
    },
    models(provider) {
      const known = lists.get(idOf(provider))?.list
      return known && known.length > 0 ? known.map(({ id }) => id) : undefined
    },
    ask(provider, age = listAge, silent = age) {
      const id = idOf(provider)
      const known = lists.get(id)
      const fresh = known && known.list.length === 0 ? silent : age
      if (known && now() - known.asked < fresh) return Promise.resolve(known.list)
      const running = asking.get(id)
      if (running) return running
      const asked = askNow(provider, id).finally(() => asking.delete(id))
      asking.set(id, asked)
      return asked
    },
  }
}
