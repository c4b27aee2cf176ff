import { parsed } from '../../json.ts'
import { LRUCache } from 'lru-cache'
import * as v from 'valibot'
import { classifyThrown } from '../../errors/classify.ts'
import { GatewayError } from '../../errors.ts'
import { readsOf, readText } from '../reads.ts'
import type { Send } from '../send.ts'
import { readAccount, tokenRequest } from './google-account.ts'

/** Milliseconds for one exchange. */
const patience = 10_000
const largestAnswer = 64 * 1024
const mostTokens = 64

/** Milliseconds before its end at which a token is no longer used. */
const margin = 300_000

interface Token {
  readonly text: string
  /** Milliseconds since 1970. */
  readonly until: number
}

const answerSchema = v.object({
  access_token: v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/)),
  expires_in: v.pipe(v.number(), v.minValue(0)),
})

/** Google's refusals are the key's fault; that Google cannot be asked is not. */
const refusal = (status: number): GatewayError =>
  status >= 400 && status < 500 && status !== 408 && status !== 429
    ? new GatewayError('upstream_auth_failed', {
        message: 'Google refused to give an access token for this provider’s account.',
        upstreamStatus: status,
      })
    : new GatewayError('upstream_unreachable', {
        message: 'Google could not be asked for an access token.',
        upstreamStatus: status,
      })

const exchange = async (send: Send, key: string, now: () => number): Promise<Token> => {
  const account = await readAccount(key)
  const asked = now()
  const body = await tokenRequest(account, asked)
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    accept: 'application/json',
  }
  const signal = AbortSignal.timeout(patience)
  try {
    const response = await send(account.token_uri, { method: 'POST', headers, body, signal })
    const reads = readsOf(response.body, () => undefined)
    const text = await readText(reads, largestAnswer, true)
    if (!response.ok) throw refusal(response.status)
    const { success, output } = v.safeParse(answerSchema, parsed(text))
    if (!success) throw refusal(502)
    const life = output.expires_in * 1_000
    return { text: output.access_token, until: asked + life - Math.min(margin, life / 2) }
  } catch (thrown) {
    if (thrown instanceof GatewayError) throw thrown
    const { code } = classifyThrown(thrown, 'sent')
    throw new GatewayError(code === 'upstream_tls_error' ? code : 'upstream_unreachable', {
      message: 'Google could not be asked for an access token.',
      cause: thrown,
    })
  }
}

/**
 * Access tokens of Google, kept until shortly before they end; callers that want the same one wait for one exchange.
 * A key that is neither JSON nor `file:…` is a token already.
 * @param now milliseconds since 1970
 */
export const createGoogleTokens = (send: Send, now: () => number = Date.now) => {
  const kept = new LRUCache<string, Token>({ max: mostTokens })
  const running = new Map<string, Promise<Token>>()
  const renew = (key: string): Promise<Token> => {
    const known = running.get(key)
    if (known) return known
    const started = exchange(send, key, now)
      .then((token) => {
        kept.set(key, token)
        return token
      })
      .finally(() => running.delete(key))
    running.set(key, started)
    return started
  }
  return async (key: string): Promise<string> => {
    if (!/^(?:\{|file:)/.test(key)) return key
    const known = kept.get(key)
    return known && known.until > now() ? known.text : (await renew(key)).text
  }
}
