import { definePlugin, v, type Chunk, type Message } from 'sluice/plugin'

/** Says the same again in other objects: nothing that a provider or a client said may be lost by that. */
export default definePlugin({
  name: 'copying',
  options: v.strictObject({}),
  setup: () =>
    async function* copying(call, next) {
      const { request } = call
      const messages = request.messages?.map((message): Message => ({ ...message }))
      const copied = { ...request, ...(messages && { messages }) }
      for await (const chunk of next({ ...call, request: copied })) {
        const choices = chunk.choices?.map((choice) => ({
          ...choice,
          ...(choice.delta && { delta: { ...choice.delta } }),
        }))
        yield { ...chunk, ...(choices && { choices }) } satisfies Chunk
      }
    },
})
