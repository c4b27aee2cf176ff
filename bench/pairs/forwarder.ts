/** Hands every request on and every body back as it is: what plain forwarding of these very bytes costs. */
const upstream = String(process.argv[2])

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  idleTimeout: 0,
  async fetch(request) {
    const { pathname, search } = new URL(request.url)
    const body = JSON.stringify(await request.json())
    const response = await fetch(upstream + pathname + search, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer k' },
      body,
    })
    return new Response(response.body, {
      status: response.status,
      headers: { 'content-type': response.headers.get('content-type') ?? '' },
    })
  },
})

process.on('disconnect', () => process.exit(0))
process.send?.({ port: server.port })
