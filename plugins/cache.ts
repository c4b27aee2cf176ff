import { definePlugin, type Operation } from 'sluice/plugin'
import { createAnswers } from './cache/answers.ts'
import { createCassettes } from './cache/cassettes.ts'
import { createEmbeddings } from './cache/embeddings.ts'
import { createFlights } from './cache/flights.ts'
import { asked, options } from './cache/options.ts'
import { createSemantic } from './cache/semantic.ts'
import { createShelf } from './cache/shelf.ts'
import { wishOf, withoutWish } from './cache/wish.ts'

/**
 * Answers a request that was answered before with the same answer, and asks once where several ask the same at once.
 * For tests, it records answers and plays them again.
 */
export default definePlugin({
  name: 'cache',
  options,
  asked,
  order: [
    { inside: 'auth', why: 'outside of it no caller is known, and nothing is kept' },
    {
      outside: 'fallback',
      why: 'inside, an answer is kept for each endpoint and a hit comes only where the same one is chosen again',
    },
  ],
  setup(configured, host) {
    if (configured.mode === 'off') return (call, next) => next(withoutWish(host.asked(call).call))
    const { mode, cassettes: folder } = configured
    if (folder !== undefined && (mode === 'record' || mode === 'replay')) {
      const cassettes = createCassettes(host, configured, folder)
      return (call, next) => cassettes(withoutWish(host.asked(call).call), next)
    }
    const kept: ReadonlySet<Operation> = new Set(configured.operations)
    const stores = {
      shelf: createShelf(host, configured),
      flights: createFlights(configured.max_answer, configured.memory),
    }
    const nearest = configured.semantic && createSemantic(host, configured, configured.semantic)
    const answers = createAnswers(host, configured, stores, nearest)
    const embeddings = createEmbeddings(host, configured, stores)
    return (asking, next) => {
      const { options: said, call } = host.asked(asking)
      const wish = kept.has(call.operation) ? wishOf(configured, call, said) : undefined
      const plain = withoutWish(call)
      if (!wish) return next(plain)
      return call.operation === 'embeddings'
        ? embeddings(plain, wish, next)
        : answers(plain, wish, next)
    }
  },
})
