/** A provider of which one call in fifty is slow to speak. */

/** Milliseconds to the first content. */
export const usual = 20
export const slow = 2_000
/** One call of so many is slow. */
export const oneIn = 50

const event = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-hedge',
    object: 'chat.completion.chunk',
    created: 1767225600,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
  })}\n\n`

const words = ['One', ' two', ' three', ' four', ' five.']

/** Which calls are slow: one of each fifty, at a place drawn anew, so that every sample has its share. */
const createDeck = () => {
  let place = 0
  let chosen = 0
  return (): boolean => {
    if (place === 0) chosen = Math.floor(Math.random() * oneIn)
    const drawn = place === chosen
    place = (place + 1) % oneIn
    return drawn
  }
}

/** Counts the calls of each model. */
export const startProvider = () => {
  const decks = new Map<string, () => boolean>()
  const calls = new Map<string, number>()
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 30,
    async fetch(request) {
      // the daemon's own questions about models
      if (request.method !== 'POST') return new Response(null, { status: 404 })
      const { model = '' } = (await request.json()) as { model?: string }
      calls.set(model, (calls.get(model) ?? 0) + 1)
      const deck = decks.get(model) ?? createDeck()
      decks.set(model, deck)
      const wait = deck() ? slow : usual
      const body = new ReadableStream({
        async start(controller) {
          controller.enqueue(event({ role: 'assistant', content: '' }))
          await Bun.sleep(wait)
          // whoever lost the race has left
          if (request.signal.aborted) return
          const last = `${event({}, 'stop')}data: [DONE]\n\n`
          controller.enqueue(words.map((content) => event({ content })).join('') + last)
          controller.close()
        },
      })
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
    },
  })
  return {
    url: `http://127.0.0.1:${server.port}/v1`,
    callsOf: (model: string): number => calls.get(model) ?? 0,
    stop: () => server.stop(true),
  }
}
