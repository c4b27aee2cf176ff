import type { Ask } from '../ask.ts'
import type { Feature } from '../bench.ts'
import { question } from './samples.ts'
import { answered } from './tools.ts'

const cached: Ask = { ...question, cached: true }

export const caching: Feature = {
  name: 'caching',
  parts: [
    {
      name: 'breakpoints',
      async run({ turn, same }) {
        const { sent } = await turn(cached, 'cache')
        same('system', sent.system, question.system)
        same('breakpoints', sent.breakpoints, [question.system, ...sent.texts])
      },
    },
    {
      name: 'keys',
      async run({ turn, same }) {
        const { sent } = await turn({ ...question, cacheKey: 'session-17' }, 'cache')
        same('prompt_cache_key', sent.cacheKey, 'session-17')
      },
    },
    {
      name: 'a stable prefix',
      async run({ dialect, turn, same }) {
        const first = await turn(cached, 'tool')
        const second = await turn(answered(cached, first.seen), 'cache')
        const before = dialect.prefix(first.body)
        const after = dialect.prefix(second.body).slice(0, before.length)
        same('bytes of the prefix', JSON.stringify(after), JSON.stringify(before))
      },
    },
    {
      name: 'tokens read',
      async run({ turn, same }) {
        const { seen } = await turn(cached, 'cache')
        same('cached tokens', seen.usage.cached, 18_000)
        same('input tokens', seen.usage.input, 21_300)
        same('output tokens', seen.usage.output, 64)
      },
    },
    {
      name: 'tokens written',
      async run({ turn, same }) {
        const { seen } = await turn(cached, 'cache')
        same('cache-write tokens', seen.usage.cacheWrite, 3_000)
      },
    },
  ],
}
