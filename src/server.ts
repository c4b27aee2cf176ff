import { Elysia, type AnyElysia } from 'elysia'
import type { Server } from 'bun'
import { toGatewayError } from './errors.ts'
import type { Gateway } from './gateway.ts'
import { log, traceOf } from './log.ts'
import { docs } from './docs/docs.ts'
import { catalogRoutes } from './server/catalog.ts'
import { dispatch, refuse, type Arrival } from './server/dispatch.ts'
import { corsHeaders, guard, preflight } from './server/guard.ts'
import { healthRoute } from './server/health.ts'
import { generationRoute } from './server/generation.ts'
import { geminiRoutes } from './server/gemini.ts'
import type { Lifecycle } from './server/lifecycle.ts'
import { listRoute, modelRoute } from './server/models.ts'
import { notServed } from './server/not-served.ts'
import { shapeAt } from './server/shapes.ts'
import { queueRoute } from './server/queue.ts'
import { decisionRoute } from './server/route.ts'
import { responsesRoutes } from './server/responses.ts'
import { ollamaRoutes } from './server/ollama.ts'
import { ollama, versioned } from './server/surfaces.ts'
import { describe } from './docs/describe.ts'
import type { Surface, Wire } from './surfaces/surface.ts'
import { version } from './version.ts'

const prefixes = ['/v1', '/api/v1'] as const

/** OpenRouter's clients use `/api/v1` and demand integer codes; OpenAI's use `/v1` and strings. */
const wireFor = (url: string): Wire => {
  const random = crypto.randomUUID().replaceAll('-', '')
  return {
    id: `gen-${random}`,
    requestId: `req_${random}`,
    codes: url.includes('/api/v1/') ? 'status' : 'name',
  }
}

export interface ServerParts {
  readonly current: () => Gateway
  readonly lifecycle: Lifecycle
  readonly server: () => Server<unknown> | null
}

const pathOf = ({ url }: Request): string => (URL.canParse(url) ? new URL(url).pathname : url)

/** Everything that one gateway serves. */
export const createApp = (
  gateway: Gateway,
  { lifecycle, server }: Omit<ServerParts, 'current'>,
) => {
  const arrive = (request: Request): Arrival => ({
    request,
    server: server(),
    gateway,
    lifecycle,
    wire: wireFor(request.url),
  })
  const app = new Elysia({ name: 'sluice' })
  app.onError(({ error, request, code }) => {
    const known =
      code === 'NOT_FOUND' ? notServed(app, request.method, pathOf(request)) : toGatewayError(error)
    if (known.code === 'internal_error')
      log.error('internal error', { stack: traceOf(known.cause) })
    return refuse(known, shapeAt(pathOf(request)), wireFor(request.url))
  })

  const post = (path: string, surface: Surface) =>
    app.post(path, ({ request }: { request: Request }) => dispatch(arrive(request), surface), {
      parse: 'none',
      detail: describe(path, surface),
    })
  for (const prefix of prefixes) {
    for (const [path, surface] of Object.entries(versioned)) post(prefix + path, surface)
    app.get(`${prefix}/models`, ({ request }) => listRoute(arrive(request)), {
      detail: describe(`${prefix}/models`),
    })
    app.get(
      `${prefix}/models/*`,
      ({ request, params }) => modelRoute(arrive(request), params['*']),
      { detail: describe(`${prefix}/models/*`) },
    )
    app.use(catalogRoutes(prefix, arrive))
  }
  app.use(geminiRoutes(arrive))
  for (const prefix of prefixes)
    app.use(responsesRoutes(prefix, arrive)).use(generationRoute(prefix, arrive))
  for (const [path, surface] of Object.entries(ollama)) post(path, surface)
  app.use(ollamaRoutes(arrive))
  app.use(decisionRoute(arrive)).use(healthRoute(arrive)).use(queueRoute(arrive))
  // how Claude Code asks whether anybody is there
  app.head('/api/hello', () => new Response(null), { detail: describe('HEAD /api/hello') })
  app.get('/health', () => Response.json({ status: 'ok' }), { detail: describe('/health') })
  app.get(
    '/ready',
    () =>
      Response.json(
        { status: lifecycle.draining ? 'draining' : 'ready', in_flight: lifecycle.inFlight },
        { status: lifecycle.draining ? 503 : 200 },
      ),
    { detail: describe('/ready') },
  )
  app.get('/version', () => Response.json({ name: 'sluice', version, bun: Bun.version }), {
    detail: describe('/version'),
  })
  app.use(gateway.http)
  app.use(docs(app))
  return app
}

type App = Pick<AnyElysia, 'fetch'>

/** The one entry of all requests: guards first, then the routes of the gateway that is current now. */
export const createFetch = (parts: ServerParts) => {
  const apps = new WeakMap<Gateway, App>()
  const appFor = (gateway: Gateway): App => {
    const known = apps.get(gateway) ?? createApp(gateway, parts)
    apps.set(gateway, known)
    return known
  }
  return async (request: Request): Promise<Response> => {
    const gateway = parts.current()
    let origin: string | undefined
    try {
      origin = guard(request, gateway.config.server)
    } catch (thrown) {
      // a path behind a wrong Host is not to be believed for more than the looks of the error
      return refuse(toGatewayError(thrown), shapeAt(pathOf(request)), wireFor(''))
    }
    if (request.method === 'OPTIONS' && origin !== undefined)
      return preflight(origin, request.headers.get('access-control-request-headers'))
    const response = await appFor(gateway).fetch(request)
    // calls are posted and bring their own ids; looking at their headers would cost them more than the routing
    if (request.method !== 'POST') {
      if (!response.headers.has('x-request-id'))
        response.headers.set('x-request-id', wireFor('').requestId)
      response.headers.set('x-sluice-version', version)
    }
    if (origin !== undefined)
      for (const [name, value] of Object.entries(corsHeaders(origin)))
        response.headers.set(name, value)
    return response
  }
}
