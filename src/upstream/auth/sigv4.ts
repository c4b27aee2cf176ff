import { awsScope } from '../../config/region.ts'
import { GatewayError } from '../../errors.ts'
import type { Authorized, Outgoing } from './outgoing.ts'

/** Keys of the day by credentials: deriving one takes four hashes. */
const derived = new Map<string, ArrayBuffer>()
const mostDerived = 64

/**
 * Signs a request with an access key of AWS (Signature Version 4).
 * @param key `id:secret` or `id:secret:token`
 */
export const signV4 = async (outgoing: Outgoing, key: string): Promise<Authorized> => {
  const { method, url, headers, body } = outgoing
  const [accessKeyId = '', secretAccessKey = '', sessionToken] = key.split(':')
  const scope = awsScope(url)
  if (typeof body !== 'string')
    throw new GatewayError('invalid_request_error', {
      message: 'A provider that wants signed requests takes no files.',
    })
  if (!scope)
    throw new GatewayError('upstream_auth_failed', {
      message: 'The address of this provider names no region to sign for.',
    })
  const { AwsV4Signer } = await import('aws4fetch')
  if (derived.size > mostDerived) derived.clear()
  const signer = new AwsV4Signer({
    method,
    url,
    headers: { ...headers },
    body,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken && { sessionToken }),
    ...scope,
    cache: derived,
  })
  const signed = await signer.sign()
  return { url: signed.url.href, headers: Object.fromEntries(signed.headers) }
}
