import { lookup } from 'node:dns/promises'
import ipaddr from 'ipaddr.js'
import { GatewayError } from '../errors.ts'

const mostRedirects = 3

const refused = () =>
  new GatewayError('invalid_request_error', {
    message: 'That URL is not allowed.',
    wireCode: 'url_not_allowed',
  })

/** The lowest addresses of IPv6 once stood for those of IPv4, and some systems still think so. */
const isLowest = (ip: ipaddr.IPv4 | ipaddr.IPv6): boolean =>
  ip instanceof ipaddr.IPv6 && ip.parts.slice(0, 6).every((part) => part === 0)

const isPublic = (address: string): boolean => {
  if (!ipaddr.isValid(address)) return false
  const ip = ipaddr.process(address)
  return ip.range() === 'unicast' && !isLowest(ip)
}

/** The one address to connect to: every address of the name must be public, so that none can be chosen later. */
const resolvePublic = async (hostname: string, anyAddress: boolean): Promise<string> => {
  const name = hostname.replace(/^\[|\]$/g, '')
  const addresses = ipaddr.isValid(name)
    ? [name]
    : (await lookup(name, { all: true }).catch(() => [])).map(({ address }) => address)
  const [first] = addresses
  if (first === undefined || !(anyAddress || addresses.every(isPublic))) throw refused()
  return first
}

export interface Fetched {
  readonly response: Response
  /** Where it was found, redirects followed. */
  readonly url: string
}

/**
 * `fetch` for URLs that a stranger may have chosen: http(s) to public addresses only, each redirect checked again.
 * Over plain http it connects to the very address that was checked; over https the certificate proves the name.
 * Throws GatewayError `invalid_request_error` / `url_not_allowed`.
 * @param allow hosts of the operator's, with the port where it is not the usual one, that may be private
 * @param permits whether an address may be asked, that of a redirect as well
 */
export const safeFetch = async (
  url: string,
  init: RequestInit = {},
  allow: readonly string[] = [],
  permits: (url: URL) => boolean = () => true,
): Promise<Fetched> => {
  let target = new URL(url)
  for (let hop = 0; hop <= mostRedirects; hop++) {
    if (target.protocol !== 'http:' && target.protocol !== 'https:') throw refused()
    if (target.username || target.password || !permits(target)) throw refused()
    const address = await resolvePublic(target.hostname, allow.includes(target.host))
    const headers = new Headers(init.headers)
    const pinned = new URL(target)
    if (target.protocol === 'http:') {
      pinned.hostname = address.includes(':') ? `[${address}]` : address
      headers.set('host', target.host)
    }
    const response = await fetch(pinned, { ...init, headers, redirect: 'manual' })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status >= 400 || location === null)
      return { response, url: target.href }
    await response.body?.cancel()
    if (!URL.canParse(location, target.href)) throw refused()
    target = new URL(location, target.href)
  }
  throw refused()
}
