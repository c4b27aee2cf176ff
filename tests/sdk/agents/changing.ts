import { definePlugin, v, type Message, type Part } from 'sluice/plugin'

/** Writes another city into what the user said. */
export default definePlugin({
  name: 'changing',
  options: v.strictObject({ from: v.string(), to: v.string() }),
  setup({ from, to }) {
    const changed = (text: string): string => text.replaceAll(from, to)
    const part = (one: Part): Part =>
      one.text?.includes(from) ? { ...one, text: changed(one.text) } : one
    const message = (one: Message): Message => {
      if (one.role !== 'user' || !one.content) return one
      const { content } = one
      return {
        ...one,
        content: typeof content === 'string' ? changed(content) : content.map(part),
      }
    }
    return (call, next) => {
      const { request } = call
      const messages = request.messages?.map(message)
      return next({ ...call, request: { ...request, ...(messages && { messages }) } })
    }
  },
})
