import { answerHeaders, reused, stages, type Call } from 'sluice/plugin'
import type { Entry } from './entry.ts'

/** OpenRouter's names. */
const names = {
  status: 'x-openrouter-cache-status',
  age: 'x-openrouter-cache-age',
  ttl: 'x-openrouter-cache-ttl',
  source: 'x-openrouter-cache-source-id',
  how: 'x-sluice-cache',
} as const

type Told = Readonly<Partial<Record<keyof typeof names, string | number>>>

const seconds = (milliseconds: number): number => Math.max(0, Math.round(milliseconds / 1_000))

/** The headers, in place of what another attempt of the call was told. */
const tell = (call: Call, told: Told): void => {
  const headers = call.vars.get(answerHeaders)
  for (const name of Object.values(names)) Reflect.deleteProperty(headers, name)
  for (const [what, value] of Object.entries(told))
    if (value !== undefined) headers[names[what as keyof typeof names]] = String(value)
}

const summary = 'answered from the cache'

/** @param ttl milliseconds */
export const tellMiss = (call: Call, ttl: number, how?: string): void => {
  call.vars.set(reused, undefined)
  const told = call.vars.get(stages)
  const wrong = told.findIndex((stage) => stage.summary === summary)
  if (wrong !== -1) told.splice(wrong, 1)
  tell(call, { status: 'MISS', ttl: seconds(ttl), ...(how !== undefined && { how }) })
}

type Source = Pick<Entry, 'source' | 'provider' | 'model' | 'made' | 'expires'>

export const tellHit = (call: Call, entry: Source, how?: string): void => {
  const { source, provider, model, made, expires } = entry
  const now = Date.now()
  call.vars.set(reused, { source, provider, model })
  tell(call, {
    status: 'HIT',
    age: seconds(now - made),
    ttl: seconds(expires - now),
    source,
    ...(how !== undefined && { how }),
  })
  call.vars.get(stages).push({
    type: 'plugin',
    name: 'cache',
    summary,
    data: { source, age: seconds(now - made) },
  })
}
