import type { ServerConfig } from '../config.ts'
import { GatewayError } from '../errors.ts'

const hostPattern = /^(\[[0-9a-f:.]+\]|[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?)(?::\d{1,5})?$/i
const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])
const wildcards = new Set(['0.0.0.0', '::', '[::]'])
const ipLiteral = /^(\[.*\]|\d+\.\d+\.\d+\.\d+)$/

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)

/** Shorter hosts would make the router cut the path out of the URL at the wrong place. */
const shortestHost = 4

/**
 * The Host header against the allow-list, before anything is routed: a web page may make a name of its own point at
 * this machine, and a malformed Host shifts the path that the router sees.
 */
const checkHost = (header: string | null, { host, hosts }: ServerConfig): void => {
  const name = header === null ? undefined : hostPattern.exec(header)?.[1]?.toLowerCase()
  if (name === undefined || header === null || header.length < shortestHost)
    throw new GatewayError('invalid_host')
  if (
    loopback.has(name) ||
    hosts.some((known) => known.toLowerCase() === name) ||
    (name === host && !wildcards.has(name))
  )
    return
  // an address cannot be rebound, only a name can
  if (!isLoopback(host) && ipLiteral.test(name)) return
  throw new GatewayError('host_not_allowed')
}

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

const sameOrigin = (origin: string, host: string | null): boolean =>
  origin === `http://${host}` || origin === `https://${host}`

/** The Origin that may read the answer, if the request comes from a page that is allowed to. */
const checkOrigin = (request: Request, { origins }: ServerConfig): string | undefined => {
  const origin = request.headers.get('origin')
  const site = request.headers.get('sec-fetch-site')
  const changes = !safeMethods.has(request.method)
  if (origin === null) {
    if (changes && site === 'cross-site') throw new GatewayError('origin_not_allowed')
    return undefined
  }
  if (origins.includes('*') || origins.includes(origin)) return origin
  if (sameOrigin(origin, request.headers.get('host'))) return undefined
  if (changes) throw new GatewayError('origin_not_allowed')
  return undefined
}

/** Throws GatewayError for a request that must not reach a route; else says which Origin may read the answer. */
export const guard = (request: Request, config: ServerConfig): string | undefined => {
  checkHost(request.headers.get('host'), config)
  return checkOrigin(request, config)
}

/** Headers that let the pages of an allowed origin read an answer. */
export const corsHeaders = (origin: string): Record<string, string> => ({
  'access-control-allow-origin': origin,
  'access-control-expose-headers': 'x-request-id, x-generation-id, x-sluice-provider, retry-after',
  vary: 'origin',
})

export const preflight = (origin: string, asked: string | null): Response =>
  new Response(null, {
    status: 204,
    headers: {
      ...corsHeaders(origin),
      'access-control-allow-methods': 'GET, POST, OPTIONS',
      // what an allowed page may send is not ours to list: SDKs add headers of their own
      'access-control-allow-headers': asked ?? 'authorization, content-type',
      'access-control-max-age': '600',
    },
  })
