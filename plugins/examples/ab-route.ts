import { answerHeaders, caller, definePlugin, stages, textsOf, v, type Call } from 'sluice/plugin'

/** A key, or without one the conversation's first words, gets the same side every time. */
const whoIs = ({ vars, request }: Call): string => {
  const messages = request.messages?.filter(({ role }) => role === 'user').slice(0, 1)
  return vars.get(caller)?.name ?? textsOf({ ...request, messages: messages ?? [] }).join()
}

/** Sends a share of a model's calls to another one, and says so. */
export default definePlugin({
  name: 'ab-route',
  options: v.strictObject({ a: v.string(), b: v.string(), share: v.optional(v.number(), 0.5) }),
  order: [{ outside: 'fallback', why: 'all attempts of a call belong on the same side' }],
  setup:
    ({ a, b, share }) =>
    (call, next) => {
      if (call.request.model !== a) return next(call)
      const isB = Number(BigInt(Bun.hash(whoIs(call))) % 1_000n) < share * 1_000
      call.vars.get(answerHeaders)['x-ab-route'] = isB ? 'b' : 'a'
      if (!isB) return next(call)
      const stage = { type: 'plugin', name: 'ab-route', summary: `asked ${b} for ${a}` } as const
      call.vars.get(stages).push(stage)
      return next({ ...call, request: { ...call.request, model: b } })
    },
})
