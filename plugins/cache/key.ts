import { caller, conversationOf, fittings, type Call, type Host } from 'sluice/plugin'
import { decisive, stable } from './canonical.ts'
import type { Options } from './options.ts'

export const hashOf = (text: string): string =>
  new Bun.CryptoHasher('sha256').update(text).digest('base64url')

const seed: ReadonlySet<string> = new Set(['seed'])

/** The client's own words, where the canonical request may not have all of them. */
const sourceOf = ({ source }: Call): object | undefined =>
  source && source.format !== 'openai' ? source.json.value : undefined

/** Headers that providers of the client's own format are told. */
const told = ['anthropic-beta', 'anthropic-version', 'openai-beta']

/**
 * What two calls must have in common to have the same answer: who asks, what, of whom. One half is the same for all
 * requests of a kind, so that parts of one request can be kept by themselves.
 */
export const scopeOf = (call: Call, host: Host, { shared }: Options): string => {
  const { operation, endpoint, source, headers, vars } = call
  const who = shared ? [] : [vars.get(caller)?.name ?? '']
  // plugins outside may still change the request, differently for each conversation
  const conversation = vars.get(fittings).length > 0 ? conversationOf(call, '')?.key : undefined
  return stable([
    who,
    operation,
    source?.format ?? 'openai',
    endpoint && [endpoint.provider, endpoint.model],
    told.map((name) => headers.get(name)),
    host.fingerprint(call),
    conversation,
  ])
}

export const keyOf = (call: Call, host: Host, options: Options): string => {
  const less = options.seed === 'ignore' ? seed : undefined
  const source = sourceOf(call)
  return hashOf(
    stable([
      scopeOf(call, host, options),
      decisive(call.request, less),
      source && decisive(source, less),
    ]),
  )
}
