import { caller, definePlugin, GatewayError, matches, v } from 'sluice/plugin'

/** Each team has its models: `teams: { search: ["fast/*"], default: ["local/*"] }`, by the tag `team` of its keys. */
export default definePlugin({
  name: 'team-models',
  options: v.strictObject({ teams: v.record(v.string(), v.array(v.string())) }),
  order: [
    { inside: 'auth', why: 'auth knows who calls' },
    { outside: 'fallback', why: 'what it refuses would be refused at every endpoint' },
  ],
  setup: ({ teams }, host) => {
    const mayAsk = (patterns: readonly string[], model: string) =>
      patterns.some((pattern) => matches(pattern, model))
    return (call, next) => {
      const team = call.vars.get(caller)?.tags.team ?? 'default'
      const patterns = teams[team] ?? []
      for (const model of [call.request.model, ...(call.request.models ?? [])])
        if (!mayAsk(patterns, host.canonical(model)))
          throw new GatewayError('model_not_allowed', {
            param: 'model',
            message: `The team ${team} may use ${patterns.join(', ') || 'no model'}.`,
          })
      return next(call)
    }
  },
})
