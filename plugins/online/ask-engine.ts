import type { Host } from 'sluice/plugin'
import { allowed } from './domains.ts'
import type { Engine } from './engine.ts'
import { engines, type EngineName } from './engines.ts'
import { keyOf, type EngineSettings } from './options.ts'
import type { Result, Wanted } from './wanted.ts'

/** Results are asked for beyond those wanted where some will be sorted out. */
const spare = 10

const addressOf = (base: string, path: string, query: Readonly<Record<string, string>>): string => {
  const search = new URLSearchParams(query).toString()
  return `${base}${path}${search && `?${search}`}`
}

/** What is wrong, in words for the log; nothing of the query. */
const refusal = (name: EngineName, status: number): string => {
  if (name === 'searxng' && status === 403)
    return 'status 403: add "json" to search.formats in its settings.yml'
  if (status === 401 || status === 403) return `status ${status}: is its api_key right?`
  return `status ${status}`
}

const stringsOf = (params: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)]))

/** Asks one engine. Rejects with an Error whose words may be logged. */
export const searchAt = async (
  service: Host['service'],
  name: EngineName,
  wanted: Wanted,
  settings: EngineSettings = {},
  timeout: number,
): Promise<readonly Result[]> => {
  const engine: Engine = engines[name]
  const key = keyOf(name, settings)
  if (key === undefined) throw new Error('it has no api_key')
  const filtered = wanted.include.length + wanted.exclude.length > 0
  const asked = filtered ? { ...wanted, max_results: wanted.max_results + spare } : wanted
  const { path, json, query = {}, headers = {} } = engine.ask(asked, key)
  const { base_url = engine.base_url, params = {} } = settings
  const { status, text } = await service(
    addressOf(base_url, path, json ? {} : { ...query, ...stringsOf(params) }),
    { headers, timeout, ...(json && { json: { ...json, ...params } }) },
  )
  if (status !== 200) throw new Error(refusal(name, status))
  const body: unknown = JSON.parse(text)
  return allowed(engine.read(body), wanted)
    .slice(0, wanted.max_results)
    .map((result) => ({
      ...result,
      content: result.content.slice(0, wanted.characters).toWellFormed(),
    }))
}

/** Dollars; undefined where that is not known. */
export const costOf = (
  name: EngineName,
  { cost }: EngineSettings = {},
  results: number,
  { mode }: Wanted,
): number | undefined => {
  const engine: Engine = engines[name]
  return cost === 'unknown' ? undefined : (cost ?? engine.cost(results, mode))
}
