import { definePlugin, v, type Usage } from 'sluice/plugin'

/** Tells a public address (`host.fetch` reaches no other) how each call has ended; no answer waits for that. */
export default definePlugin({
  name: 'webhook',
  options: v.strictObject({ url: v.pipe(v.string(), v.url()) }),
  setup({ url }, host) {
    const tell = async (told: object) => {
      const [body, signal] = [JSON.stringify(told), AbortSignal.timeout(10_000)]
      const response = await host.fetch(url, { method: 'POST', body, signal })
      await response.body?.cancel()
    }
    return async function* webhook(call, next) {
      let usage: Usage | undefined
      let complete = false
      try {
        for await (const chunk of next(call)) {
          usage = chunk.usage ?? usage
          yield chunk
        }
        complete = true
      } finally {
        tell({ id: call.id, model: call.request.model, complete, usage }).catch(() =>
          host.log.warn('the webhook failed', { id: call.id }),
        )
      }
    }
  },
})
