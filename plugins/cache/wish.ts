import { without, type Call } from 'sluice/plugin'
import { longestAsked, type AskedOptions, type Options } from './options.ts'

/** How a request wants to be answered. */
export interface Wish {
  /** Milliseconds. */
  readonly ttl: number
  /** What is kept is not to be used, but replaced. */
  readonly clear: boolean
}

const flag = (headers: Headers, name: string): boolean | undefined => {
  const value = headers.get(name)?.trim().toLowerCase()
  return value === 'true' ? true : value === 'false' ? false : undefined
}

/** Milliseconds; OpenRouter reads what stands there as JavaScript's `parseInt` does, and clamps it. */
const ttlOf = (value: unknown): number | undefined => {
  const seconds = Number.parseInt(String(value), 10)
  if (Number.isNaN(seconds)) return undefined
  return Math.min(Math.max(seconds * 1_000, 1_000), longestAsked)
}

const isFit = ({ temperature: policy, seed: seeds }: Options, { request }: Call): boolean => {
  const { temperature, seed } = request
  const exact = temperature === undefined || temperature === null || temperature === 0
  const seeded = seed !== undefined && seed !== null
  return (policy === 'any' || exact) && (seeds !== 'required' || seeded)
}

/**
 * What the request wants, undefined where it is not to be cached. A preset that says no cannot be overruled, a header
 * that says no neither.
 */
export const wishOf = (
  options: Options,
  call: Call,
  asked: AskedOptions | undefined,
): Wish | undefined => {
  const { headers, request } = call
  if (options.mode === 'off' || request.cache_enabled === false) return undefined
  const said = flag(headers, 'x-openrouter-cache')
  const wanted =
    said ?? (asked !== undefined || request.cache_enabled === true || options.mode === 'on')
  if (!wanted || !isFit(options, call)) return undefined
  const ttl =
    ttlOf(headers.get('x-openrouter-cache-ttl')) ??
    ttlOf(asked?.ttl) ??
    ttlOf(request.cache_ttl_seconds ?? request.cache_ttl) ??
    options.ttl
  const clear = flag(headers, 'x-openrouter-cache-clear') ?? asked?.clear ?? false
  return { ttl, clear }
}

const ours = ['cache_enabled', 'cache_ttl', 'cache_ttl_seconds']

/** The call without what only the cache is told. */
export const withoutWish = (call: Call): Call => {
  const request = without(call.request, ours)
  return request === call.request ? call : { ...call, request }
}
