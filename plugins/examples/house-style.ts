import { definePlugin, v } from 'sluice/plugin'

/** Tells every model how we write here. */
export default definePlugin({
  name: 'house-style',
  options: v.strictObject({ style: v.string() }),
  operations: ['chat'],
  order: [{ outside: 'cache', why: 'answers are to be found again by what was really asked' }],
  setup:
    ({ style }) =>
    (call, next) => {
      const { messages = [], ...rest } = call.request
      const first = { role: 'system', content: style }
      return next({ ...call, request: { ...rest, messages: [first, ...messages] } })
    },
})
