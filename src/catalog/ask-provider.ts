import type { ProviderConfig } from '../config.ts'
import { readsOf, readText } from '../upstream/reads.ts'
import { authorize, headersFor, senderFor } from '../upstream/send.ts'
import { firstQuery, toPage, type Page, type Reported } from './reported.ts'

const patience = 3_000
const largestList = 8 * 1024 * 1024
const mostPages = 20

const client = new Headers()

const askPage = async (
  provider: ProviderConfig,
  query: string,
  signal: AbortSignal,
): Promise<Page> => {
  const [secret] = provider.api_keys
  const path = `/models${query === '' ? '' : `?${query}`}`
  const version = provider.dialects[0] === 'anthropic' && { 'anthropic-version': '2023-06-01' }
  const encoded = { path, body: '', headers: { ...version } }
  const { 'content-type': _none, ...headers } = headersFor(provider, secret, client, encoded)
  const outgoing = { method: 'GET', url: provider.base_url + path, headers, body: '', signal }
  const { url, headers: authorized } = await authorize(provider, secret, outgoing)
  const response = await senderFor(provider)(url, { method: 'GET', headers: authorized, signal })
  const reads = readsOf(response.body, () => undefined)
  if (!response.ok) {
    await reads.return?.()
    return { models: [] }
  }
  return toPage(JSON.parse(await readText(reads, largestList)))
}

/** The models that a provider says it has, page by page; what it said before it failed counts. */
export const askProvider = async (provider: ProviderConfig): Promise<readonly Reported[]> => {
  const [dialect] = provider.dialects
  if (dialect === 'ai-sdk') return []
  const signal = AbortSignal.timeout(patience)
  const first = firstQuery(dialect)
  const known = new Map<string, Reported>()
  let next = ''
  for (let page = 0; page < mostPages; page++) {
    const query = [first, next].filter((one) => one !== '').join('&')
    const got = await askPage(provider, query, signal).catch((): Page => ({ models: [] }))
    for (const model of got.models) if (!known.has(model.id)) known.set(model.id, model)
    if (got.next === undefined || got.next === next) break
    next = got.next
  }
  return [...known.values()]
}
