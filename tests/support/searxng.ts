/** A result as SearXNG writes it. */
export interface Listed {
  readonly url: string
  readonly title?: string
  readonly content?: string
  readonly publishedDate?: string | null
}

export interface Searxng {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** What was searched for, in order. */
  readonly queries: string[]
  /** Paths of pages that were read, in order, with their queries. */
  readonly read: string[]
  /** What every search finds. */
  results: readonly Listed[]
  /** Pages by their paths: HTML, or a whole answer. */
  pages: Record<string, string | (() => Response | Promise<Response>)>
  /** Answers searches instead. */
  instead: (() => Response | Promise<Response>) | undefined
  stop(): Promise<void>
}

export const usualResults: readonly Listed[] = [
  { url: 'https://bun.sh/blog/bun-v2', title: 'Bun 2.0', content: 'Bun 2.0 was released today.' },
  { url: 'https://example.com/news', title: 'News', content: 'Everybody talks about Bun.' },
]

/** SearXNG with what a script makes it find, and pages of the web on the same port. */
export const startSearxng = (): Searxng => {
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname, search, searchParams } = new URL(request.url)
      if (pathname === '/search') {
        searxng.queries.push(searchParams.get('q') ?? '')
        if (searxng.instead) return searxng.instead()
        if (searchParams.get('format') !== 'json') return new Response('<html>', { status: 200 })
        return Response.json({ query: searchParams.get('q'), results: searxng.results })
      }
      searxng.read.push(pathname + search)
      const page = searxng.pages[pathname]
      if (page === undefined) return new Response('no such page', { status: 404 })
      if (typeof page !== 'string') return page()
      return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } })
    },
  })
  const host = `127.0.0.1:${server.port}`
  const searxng: Searxng = {
    url: `http://${host}`,
    host,
    queries: [],
    read: [],
    results: usualResults,
    pages: {},
    instead: undefined,
    stop: () => server.stop(true),
  }
  return searxng
}
