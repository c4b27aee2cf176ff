import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { GatewayError } from '../../errors.ts'

const usual_uri = 'https://oauth2.googleapis.com/token'
const scope = 'https://www.googleapis.com/auth/cloud-platform'

const isSafe = (uri: string): boolean => {
  const url = URL.parse(uri)
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && url.hostname === '127.0.0.1')
}

const text = v.pipe(v.string(), v.nonEmpty())
const token_uri = v.optional(v.pipe(v.string(), v.check(isSafe)), usual_uri)

const accountSchema = v.variant('type', [
  v.object({
    type: v.literal('service_account'),
    client_email: text,
    private_key: text,
    private_key_id: v.optional(text),
    token_uri,
  }),
  v.object({
    type: v.literal('authorized_user'),
    client_id: text,
    client_secret: text,
    refresh_token: text,
    token_uri,
  }),
])

/** A file of credentials as Google gives them: a service account, or what `gcloud auth application-default login` wrote. */
export type Account = v.InferOutput<typeof accountSchema>

const failed = (message: string) => new GatewayError('upstream_auth_failed', { message })

/**
 * The account that a key stands for. Nothing of it, nor its path, is in an error.
 * @param key JSON, or `file:` and a path
 */
export const readAccount = async (key: string): Promise<Account> => {
  const json = key.startsWith('file:')
    ? await readFile(key.slice('file:'.length), 'utf8').catch(() => {
        throw failed('The file of Google credentials for this provider cannot be read.')
      })
    : key
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    value = undefined
  }
  const { success, output } = v.safeParse(accountSchema, value)
  if (success) return output
  throw failed('The Google credentials for this provider are no service account and no user’s.')
}

const bytesOf = (pem: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(Buffer.from(pem.replace(/-----[^-]*-----|\\n|\s/g, ''), 'base64'))

const encoder = new TextEncoder()
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' } as const

/** Seconds; Google takes no longer ones. */
const lifetime = 3_600

/** A statement signed by the service account that it wants an access token (RFC 7523). */
const assertion = async (
  account: Extract<Account, { readonly type: 'service_account' }>,
  now: number,
): Promise<string> => {
  const iat = Math.floor(now / 1_000)
  const header = { alg: 'RS256', typ: 'JWT', kid: account.private_key_id }
  const claims = {
    iss: account.client_email,
    scope,
    aud: account.token_uri,
    iat,
    exp: iat + lifetime,
  }
  const unsigned = [header, claims]
    .map((part) => base64url(encoder.encode(JSON.stringify(part))))
    .join('.')
  const key = await crypto.subtle
    .importKey('pkcs8', bytesOf(account.private_key), rs256, false, ['sign'])
    .catch(() => {
      throw failed('The private key of the Google service account cannot be used.')
    })
  const signature = await crypto.subtle.sign(rs256.name, key, encoder.encode(unsigned))
  return `${unsigned}.${base64url(new Uint8Array(signature))}`
}

/**
 * What to post to the account's `token_uri` for an access token.
 * @param now milliseconds since 1970
 */
export const tokenRequest = async (account: Account, now: number): Promise<string> => {
  const form: Record<string, string> =
    account.type === 'service_account'
      ? {
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: await assertion(account, now),
        }
      : {
          grant_type: 'refresh_token',
          client_id: account.client_id,
          client_secret: account.client_secret,
          refresh_token: account.refresh_token,
        }
  return new URLSearchParams(form).toString()
}
