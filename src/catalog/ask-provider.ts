import type { ProviderConfig } from '../config.ts'
import { askJson } from './ask-json.ts'
import { firstQuery, toPage, type Page, type Reported } from './reported.ts'

const patience = 3_000
const mostPages = 20

const askPage = async (
  provider: ProviderConfig,
  query: string,
  signal: AbortSignal,
): Promise<Page> => {
  const version = provider.dialects[0] === 'anthropic' && { 'anthropic-version': '2023-06-01' }
  const url = `${provider.base_url}/models${query === '' ? '' : `?${query}`}`
  return toPage(await askJson(provider, { url, headers: { ...version }, signal }))
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
