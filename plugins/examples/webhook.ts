import { definePlugin, v, type Usage } from 'sluice/plugin'

/** Tells an address how each call has ended; the answer does not wait for that, nor fail with it. */
export default definePlugin({
  name: 'webhook',
  options: v.strictObject({ url: v.pipe(v.string(), v.url()) }),
  setup({ url }, host) {
    const tell = async (told: object) => {
      const [body, signal] = [JSON.stringify(told), AbortSignal.timeout(10_000)]
      // public addresses only; for one of your own network there is plain fetch
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
