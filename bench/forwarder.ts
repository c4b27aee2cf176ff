/**
 * The bare forwarder that Sluice is held against: the least that a gateway on this stack must do. It reads the JSON,
 * changes the model, sends it on and hands the body through untouched. No guards, no log, no usage, no abort.
 */
const upstream = String(process.argv[2])

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  idleTimeout: 0,
  async fetch(request) {
    const body = (await request.json()) as { readonly model: string }
    const response = await fetch(`${upstream}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
      body: JSON.stringify({ ...body, model: body.model.slice('box/'.length) }),
    })
    return new Response(response.body, {
      status: response.status,
      headers: { 'content-type': response.headers.get('content-type') ?? '' },
    })
  },
})

process.on('disconnect', () => process.exit(0))
process.send?.({ port: server.port })
