import { lookup } from 'node:dns/promises'
import ipaddr from 'ipaddr.js'
import { GatewayError } from './errors.ts'

const mostRedirects = 3

const refused = () =>
  new GatewayError('invalid_request_error', {
    message: 'That URL is not allowed.',
    wireCode: 'url_not_allowed',
  })

const isPublic = (address: string): boolean =>
  ipaddr.isValid(address) && ipaddr.process(address).range() === 'unicast'

/** The one address to connect to: every address of the name must be public, so that none can be chosen later. */
const resolvePublic = async (hostname: string): Promise<string> => {
  const name = hostname.replace(/^\[|\]$/g, '')
  const addresses = ipaddr.isValid(name)
    ? [name]
    : (await lookup(name, { all: true }).catch(() => [])).map(({ address }) => address)
  const [first] = addresses
  if (first === undefined || !addresses.every(isPublic)) throw refused()
  return first
}

/**
 * `fetch` for URLs that a stranger may have chosen: http(s) to public addresses only, each redirect checked again.
 * Over plain http it connects to the very address that was checked; over https the certificate proves the name.
 * Throws GatewayError `invalid_request_error` / `url_not_allowed`.
 */
export const safeFetch = async (url: string, init: RequestInit = {}): Promise<Response> => {
  let target = new URL(url)
  for (let hop = 0; hop <= mostRedirects; hop++) {
    if (target.protocol !== 'http:' && target.protocol !== 'https:') throw refused()
    if (target.username || target.password) throw refused()
    const address = await resolvePublic(target.hostname)
    const headers = new Headers(init.headers)
    const pinned = new URL(target)
    if (target.protocol === 'http:') {
      pinned.hostname = address.includes(':') ? `[${address}]` : address
      headers.set('host', target.host)
    }
    const response = await fetch(pinned, { ...init, headers, redirect: 'manual' })
    const location = response.headers.get('location')
    if (response.status < 300 || response.status >= 400 || location === null) return response
    await response.body?.cancel()
    target = new URL(location, target)
  }
  throw refused()
}
