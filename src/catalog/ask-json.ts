import type { ProviderConfig } from '../config.ts'
import { readsOf, readText } from '../upstream/reads.ts'
import { authorize, headersFor, senderFor } from '../upstream/send.ts'

const largestAnswer = 8 * 1024 * 1024

const client = new Headers()

export interface Question {
  readonly url: string
  /** Without one it is a GET. */
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

/** What a provider answers, with our key; undefined when it is an error. Throws for what is no JSON, or too long. */
export const askJson = async (
  provider: ProviderConfig,
  { url: address, body, headers: own = {}, signal }: Question,
): Promise<unknown> => {
  const [secret] = provider.api_keys
  const text = body === undefined ? '' : JSON.stringify(body)
  const encoded = { path: '', body: text, headers: own }
  const { 'content-type': type, ...headers } = headersFor(provider, secret, client, encoded)
  const outgoing = {
    method: body === undefined ? 'GET' : 'POST',
    url: address,
    headers:
      body === undefined || type === undefined ? headers : { ...headers, 'content-type': type },
    body: text,
    signal,
  }
  const { url, headers: authorized } = await authorize(provider, secret, outgoing)
  const response = await senderFor(provider)(url, {
    method: outgoing.method,
    headers: authorized,
    signal,
    ...(body !== undefined && { body: text }),
  })
  const reads = readsOf(response.body, () => undefined)
  if (!response.ok) {
    await reads.return?.()
    return undefined
  }
  return JSON.parse(await readText(reads, largestAnswer))
}
