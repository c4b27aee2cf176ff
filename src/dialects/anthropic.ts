import { without, type Fields } from '../fields.ts'
import { routing } from '../formats/routing.ts'
import type { Call, Endpoint, Request } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import { toBody } from './anthropic/body.ts'
import { fit } from './anthropic/fit.ts'
import { withoutForeign } from './anthropic/foreign.ts'
import { outputLimit } from './anthropic/limits.ts'
import { eventDecoder } from './anthropic/stream.ts'
import { decodeWhole } from './anthropic/whole.ts'
import { alikeBody, isAlike, type Dialect, type Encoded } from './dialect.ts'
import { applyQuirks } from './quirks.ts'

/** Knows sampling parameters, which the next version refuses. */
const usualVersion = '2023-06-01'
/** From this on, `role: system` may stand among the messages. */
const systemInsideSince = '2026-10-21'
const versionForm = /^\d{4}-\d{2}-\d{2}$/

/** Anthropic's own fallbacks have a beta of their own; without it the field speaks to us. */
const routingOf = ({ headers }: Call): readonly string[] =>
  headers.get('anthropic-beta')?.includes('fallback') ? routing : [...routing, 'fallbacks']

const counted = new Set([
  'model',
  'messages',
  'system',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'cache_control',
  'anthropic_version',
])

const limitFor = (
  { max_output_tokens: limits }: ProviderConfig,
  { model, max_completion_tokens: known }: Endpoint,
): number => limits[model] ?? limits['*'] ?? known ?? outputLimit(model)

const pathFor = ({ operation, request }: Call, model: string, vertex: boolean): string => {
  if (vertex) {
    if (operation === 'count_tokens') return '/models/count-tokens:rawPredict'
    return `/models/${model}:${request.stream === true ? 'streamRawPredict' : 'rawPredict'}`
  }
  return operation === 'count_tokens' ? '/messages/count_tokens' : '/messages'
}

/** What the newest version takes of nobody; the client's own stays as it is, for the provider to answer. */
const sampling = ['temperature', 'top_p', 'top_k']

const onlyCounted = (body: Fields): Fields =>
  Object.fromEntries(Object.entries(body).filter(([field]) => counted.has(field)))

/** What the provider's quirks make of the client's own fields. */
const forced = (value: Fields, { quirks }: ProviderConfig): Fields => {
  const { force = {}, clamp = {} } = quirks
  const ranged = Object.entries(clamp).flatMap(([field, [low, high]]) => {
    const said = value[field]
    return typeof said === 'number' ? [[field, Math.min(Math.max(said, low), high)] as const] : []
  })
  return { ...Object.fromEntries(ranged), ...force }
}

const encode = (call: Call, endpoint: Endpoint, provider: ProviderConfig): Encoded => {
  const { model } = endpoint
  const { source, operation } = call
  const vertex = provider.quirks.vertex === true
  const told = call.headers.get('anthropic-version')
  const version = isAlike(call, 'anthropic') && told && versionForm.test(told) ? told : usualVersion
  const warnings = new Set<string>()
  const max = limitFor(provider, endpoint)
  const writing = {
    alike: source?.format === 'anthropic',
    systemInside: version >= systemInsideSince,
    warn: (text: string) => void warnings.add(text),
  }
  const request = withoutForeign(call.request)
  const says = request.max_completion_tokens ?? request.max_tokens
  const set = {
    ...forced(source?.json.value ?? {}, provider),
    ...(vertex && operation === 'chat' ? { anthropic_version: 'vertex-2023-10-16' } : { model }),
    ...(operation === 'chat' && typeof says !== 'number' && { max_tokens: max }),
  }
  const refused = writing.systemInside ? sampling : []
  const write = (asked: Request): Fields => without(toBody(asked, { model, max }, writing), refused)
  const sent = (): string => {
    if (source?.format === 'anthropic')
      return alikeBody(
        source,
        request,
        write,
        [...routingOf(call), ...(provider.quirks.drop ?? []), ...(vertex ? ['model'] : [])],
        set,
      )
    const body = { ...set, ...fit(write(request), model) }
    return JSON.stringify(
      applyQuirks(operation === 'count_tokens' ? onlyCounted(body) : body, provider.quirks),
    )
  }
  const body = sent()
  return {
    path: pathFor(call, model, vertex),
    body,
    ...(!vertex &&
      !provider.headers['anthropic-version'] && { headers: { 'anthropic-version': version } }),
    ...(warnings.size > 0 && { warnings: [...warnings] }),
  }
}

/** Anthropic's Messages. */
export const anthropic: Dialect = {
  format: 'anthropic',
  operations: ['chat', 'count_tokens'],
  encode,
  decodeWhole,
  decoder: eventDecoder,
}
