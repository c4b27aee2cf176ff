import type { Secret } from '../secret.ts'
import type { ProviderConfig } from '../config.ts'
import type { Encoded } from '../dialects/dialect.ts'
import { demo } from '../providers/demo.ts'
import { version } from '../version.ts'

/** Sends to a provider; the one place that talks to the network on a client's behalf. */
export type Send = (
  url: string,
  init: RequestInit & { headers: Record<string, string> },
) => Promise<Response>

/** Redirects are never followed (they would carry the key away); silence is limited by the watch, not by Bun. */
const overNetwork: Send = (url, init) => fetch(url, { ...init, redirect: 'manual', timeout: false })

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
      return { [provider.auth]: secret.reveal() }
    default:
      return {}
  }
}

/** Betas that a client opts into; no other header of the client's reaches a provider. */
const passed = ['openai-beta', 'anthropic-beta', 'x-anthropic-beta']

export const headersFor = (
  provider: ProviderConfig,
  secret: Secret | undefined,
  client: Headers,
  encoded: Encoded,
): Record<string, string> => {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    'accept-encoding': 'identity',
    'user-agent': `sluice/${version}`,
  }
  for (const name of passed) {
    const value = client.get(name)
    if (value !== null) headers[name] = value
  }
  for (const [name, value] of Object.entries(provider.headers))
    headers[name.toLowerCase()] = value.reveal()
  return { ...headers, ...encoded.headers, ...credentials(provider, secret) }
}
