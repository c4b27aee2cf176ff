import { definePlugin, v } from 'sluice/plugin'

/** Tells every model how we write here. */
export default definePlugin({
  name: 'house-style',
  options: v.strictObject({ style: v.string() }),
  operations: ['chat'],
  order: [{ outside: 'cache', why: 'the cache should see the request as it is sent' }],
  setup:
    ({ style }) =>
    (call, next) => {
      const { messages = [], ...rest } = call.request
      const first = { role: 'system', content: style }
      return next({ ...call, request: { ...rest, messages: [first, ...messages] } })
    },
})
