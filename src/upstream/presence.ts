import type { ProviderConfig } from '../config.ts'
import { classifyThrown } from '../errors/classify.ts'
import { GatewayError } from '../errors.ts'
import type { HealthRecord } from '../router/health/health.ts'
import { authorize, headersFor, senderFor } from './send.ts'

/** Milliseconds that a local runtime may take to list its models. */
const patience = 3_000

const nobody = new Headers()

/** Whether somebody answers at the provider's address; a refusal is an answer, a failure of its own is none. */
export const isThere = async (
  provider: ProviderConfig,
  signal: AbortSignal,
): Promise<GatewayError | undefined> => {
  const path = '/models'
  const [secret] = provider.api_keys
  const { 'content-type': _none, ...headers } = headersFor(provider, secret, nobody, {
    path,
    body: '',
  })
  const outgoing = { method: 'GET', url: provider.base_url + path, headers, body: '', signal }
  try {
    const { url, headers: authorized } = await authorize(provider, secret, outgoing)
    const response = await senderFor(provider)(url, { method: 'GET', headers: authorized, signal })
    await response.body?.cancel().catch(() => undefined)
    return response.status < 500 ? undefined : new GatewayError('upstream_error')
  } catch (thrown) {
    return signal.aborted ? new GatewayError('upstream_timeout') : classifyThrown(thrown, 'sent')
  }
}

/**
 * Looks at a provider again and again, never twice at once, and not while it answers calls anyway.
 * @param interval milliseconds from one look to the next
 */
const watchOne = (provider: ProviderConfig, interval: number, health: HealthRecord) => {
  const stopped = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const look = async () => {
    if (health.silence(provider.name) >= interval) {
      const late = new AbortController()
      const end = () => late.abort()
      const limit = setTimeout(end, patience)
      stopped.signal.addEventListener('abort', end, { once: true })
      const error = await isThere(provider, late.signal)
      clearTimeout(limit)
      stopped.signal.removeEventListener('abort', end)
      // long enough for the next look to come before it is over
      if (!stopped.signal.aborted) health.probed(provider.name, error, 2 * interval + patience)
    }
    if (stopped.signal.aborted) return
    timer = setTimeout(() => void look(), interval)
    timer.unref()
  }
  void look()
  return () => {
    stopped.abort()
    clearTimeout(timer)
  }
}

/** Looks at the providers that say how often; what comes back stops it. */
export const watchPresence = (
  providers: Iterable<ProviderConfig>,
  health: HealthRecord,
): (() => void) => {
  const stops = [...providers].flatMap((provider) =>
    provider.probe === undefined ? [] : [watchOne(provider, provider.probe, health)],
  )
  return () => {
    for (const stop of stops) stop()
  }
}
