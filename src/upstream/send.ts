import type { Secret } from '../secret.ts'
import type { ProviderConfig } from '../config.ts'
import type { Encoded } from '../dialects/dialect.ts'
import { demo } from '../providers/demo.ts'
import { version } from '../version.ts'
import { createGoogleTokens } from './auth/gcp.ts'
import { orAborted } from './auth/or-aborted.ts'
import type { Authorized, Outgoing } from './auth/outgoing.ts'
import { betasFor } from './betas.ts'

/** Sends to a provider; the one place that talks to the network on a client's behalf. */
export type Send = (
  url: string,
  init: RequestInit & { headers: Record<string, string> },
) => Promise<Response>

/** The failure without its address, which may hold a key. */
const unaddressed = (thrown: unknown): unknown =>
  thrown instanceof Error && 'path' in thrown
    ? Object.assign(new Error(thrown.name), { code: Reflect.get(thrown, 'code') })
    : thrown

/** Redirects are never followed (they would carry the key away); silence is limited by the watch, not by Bun. */
export const overNetwork: Send = (url, init) =>
  fetch(url, { ...init, redirect: 'manual', timeout: false }).catch((thrown) => {
    throw unaddressed(thrown)
  })

export const senderFor = (provider: ProviderConfig): Send =>
  provider.base_url === 'demo:' ? demo : overNetwork

const credentials = (
  provider: ProviderConfig,
  secret: Secret | undefined,
): Record<string, string> => {
  if (!secret) return {}
  switch (provider.auth) {
    case 'bearer':
      return { authorization: `Bearer ${secret.reveal()}` }
    case 'x-api-key':
    case 'api-key':
    case 'x-goog-api-key':
      return { [provider.auth]: secret.reveal() }
    default:
      return {}
  }
}

const ownHeaders = new WeakMap<ProviderConfig, Readonly<Record<string, string>>>()

/** What the YAML adds to every request to the provider. */
const ownOf = (provider: ProviderConfig): Readonly<Record<string, string>> => {
  const known = ownHeaders.get(provider)
  if (known) return known
  const entries = Object.entries(provider.headers)
  const own = Object.fromEntries(
    entries.map(([name, value]) => [name.toLowerCase(), value.reveal()]),
  )
  ownHeaders.set(provider, own)
  return own
}

/** The headers of a request; those of `authorize` come on top. A form brings its own content-type. */
export const headersFor = (
  provider: ProviderConfig,
  secret: Secret | undefined,
  client: Headers,
  encoded: Encoded,
): Record<string, string> => {
  const own = ownOf(provider)
  const needed = encoded.headers?.['anthropic-beta']
  const betas = betasFor(provider, client, [own['anthropic-beta'], needed])
  return {
    ...(typeof encoded.body === 'string' && { 'content-type': 'application/json' }),
    'accept-encoding': 'identity',
    'user-agent': `sluice/${version}`,
    ...betas,
    ...own,
    ...encoded.headers,
    ...(betas['anthropic-beta'] !== undefined && { 'anthropic-beta': betas['anthropic-beta'] }),
    ...credentials(provider, secret),
  }
}

const googleToken = createGoogleTokens(overNetwork)

const withToken = async ({ url, headers }: Outgoing, token: Promise<string>) => ({
  url,
  headers: { ...headers, authorization: `Bearer ${await token}` },
})

/**
 * The address and headers of a request with credentials that depend on it, or that have to be fetched. Kinds for which
 * `headersFor` did all come back as they are, and at once.
 */
export const authorize = (
  provider: ProviderConfig,
  secret: Secret | undefined,
  outgoing: Outgoing,
): Authorized | Promise<Authorized> => {
  const { url, headers, signal } = outgoing
  if (!secret) return { url, headers: { ...headers } }
  switch (provider.auth) {
    case 'query': {
      const joint = url.includes('?') ? '&' : '?'
      return {
        url: `${url}${joint}key=${encodeURIComponent(secret.reveal())}`,
        headers: { ...headers },
      }
    }
    case 'sigv4':
      return import('./auth/sigv4.ts').then(({ signV4 }) => signV4(outgoing, secret.reveal()))
    case 'gcp':
      return withToken(outgoing, orAborted(googleToken(secret.reveal()), signal))
    default:
      return { url, headers: { ...headers } }
  }
}
