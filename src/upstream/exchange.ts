import { parsed } from '../json.ts'
import { isSpoken, type Call, type Endpoint } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import { isAlike, type Dialect } from '../dialects/dialect.ts'
import { GatewayError } from '../errors.ts'
import { lossesOf } from '../formats/demands.ts'
import type { Secret } from '../secret.ts'
import { onlyBatch, type Batch } from '../stream.ts'
import { classify, classifyThrown } from '../errors/classify.ts'
import { readBinary } from './binary.ts'
import { createFlow } from './flow.ts'
import { createMeter, meterWhole } from './meter.ts'
import { idlePlugins } from './idle-plugins.ts'
import { hangs } from './hangs.ts'
import { openByItself } from './opened.ts'
import { largestBody, readsOf, readText, withFirst, type Reads } from './reads.ts'
import { authorize, headersFor, type Send } from './send.ts'
import { createUnspokenMeter } from './unspoken.ts'
import type { Watch } from './watch.ts'

export interface Exchange {
  readonly call: Call
  readonly endpoint: Endpoint
  readonly provider: ProviderConfig
  readonly dialect: Dialect
  readonly secret: Secret | undefined
  readonly send: Send
  readonly headers?: Readonly<Record<string, string>>
  readonly controller: AbortController
  readonly watch: Watch
}

/** Characters of one event: media come in big pieces, text never does. */
const mediaEvent = 32 * 1024 * 1024
const textEvent = 1024 * 1024
const largestErrorBody = 64 * 1024

const eventLimit = ({ request, operation }: Call): number =>
  operation === 'images' ||
  (Array.isArray(request.modalities) && request.modalities.some((kind) => kind !== 'text'))
    ? mediaEvent
    : textEvent

/** 60 s become 300 s. */
const slowFactor = 5

/** A whole answer begins when it is complete; a thinking model thinks before it begins. */
const isSlowToBegin = ({ request }: Call): boolean =>
  request.stream !== true ||
  request.reasoning !== undefined ||
  request.reasoning_effort !== undefined

type Warned = (warnings: readonly string[]) => void

/** A limit on an answer's beginning, for this call. */
export const patienceFor = (call: Call, limit: number): number =>
  limit * (isSlowToBegin(call) ? slowFactor : 1)

const timedOut = () => new GatewayError('upstream_timeout')

/** Providers that answered before: a pooled connection to them may be dead without our knowing. */
const warm = new Set<string>()
const mostWarm = 1_000

/** Fields of the client's own format that this provider's has no words for. */
const unheard = ({ source, request: asked }: Call, { format }: Dialect): readonly string[] =>
  format === source?.format
    ? []
    : lossesOf(source?.request ?? asked).map((name) => `${name} is not available at this provider`)

/** The watch is armed by who calls. */
const request = async (exchange: Exchange, warned: Warned): Promise<Response> => {
  const { call, endpoint, provider, dialect, secret, send, controller, watch } = exchange
  const encoded = dialect.encode(call, endpoint, provider)
  warned([...unheard(call, dialect), ...(encoded.warnings ?? [])])
  const address = provider.base_url + encoded.path
  const headers = { ...headersFor(provider, secret, call.headers, encoded), ...exchange.headers }
  const { connect, stall } = provider.timeouts
  let headed = false
  watch.glance(connect / 2, async () => {
    if (provider.base_url === 'demo:' || !(await hangs(address, connect / 2)) || headed) return
    watch.arm(0, () => new GatewayError('upstream_connect_timeout'))
  })
  const { body } = encoded
  const outgoing = { method: 'POST', url: address, headers, body, signal: controller.signal }
  const { url, ...authorized } = await authorize(provider, secret, outgoing)
  const init = { method: 'POST', ...authorized, body, signal: controller.signal }
  const response = await send(url, init).catch((thrown) => {
    const dead = classifyThrown(thrown, 'sent').code === 'upstream_reset'
    if (!dead || controller.signal.aborted || !warm.delete(address)) throw thrown
    return send(url, init)
  })
  headed = true
  if (warm.size >= mostWarm) warm.clear()
  warm.add(address)
  watch.arm(stall, timedOut)
  return response
}

type Form = 'json' | 'events' | 'nonsense' | 'undecided'

const eventFields = ['data:', 'event:', 'retry:', 'id:']

/** What a body is, from its first characters. */
const formOf = (beginning: string): Form => {
  const text = beginning.trimStart()
  if (text === '') return 'undecided'
  if (text.startsWith('{') || text.startsWith('[')) return 'json'
  if (text.startsWith(':') || eventFields.some((field) => text.startsWith(field))) return 'events'
  return eventFields.some((field) => field.startsWith(text)) ? 'undecided' : 'nonsense'
}

async function* one(read: Uint8Array): AsyncGenerator<Uint8Array> {
  yield read
}

/** Transcripts that are no JSON look like anything. */
const isText = ({ operation, request }: Call): boolean =>
  operation === 'transcriptions' && ['text', 'srt', 'vtt'].includes(String(request.response_format))

/** What came is believed by its content, whatever its content-type says and whatever was asked for. */
const decode = async (exchange: Exchange, response: Response): Promise<AsyncIterator<Batch>> => {
  const { call, dialect, endpoint, provider, watch } = exchange
  if (call.operation === 'speech')
    return readBinary(readsOf(response.body, watch.touch), response.headers, response.status)
  const alike = { alike: dialect.format !== 'openai' && isAlike(call, dialect.format) }
  const whole = (text: string) =>
    onlyBatch(meterWhole(dialect.decodeWhole(text, call, provider), call, endpoint, alike))
  const streamed = (reads: Reads) => {
    const decoder = dialect.decoder({ event: eventLimit(call) }, call, provider)
    const meter = isSpoken(call) ? createMeter(call, endpoint, alike) : createUnspokenMeter()
    return createFlow(reads, decoder, meter, () => exchange.controller.abort())
  }

  if (call.request.stream !== true) {
    const text = await readText(readsOf(response.body, watch.touch), largestBody)
    const form = isText(call) && text.trim() !== '' ? 'json' : formOf(text)
    if (form === 'json') return whole(text)
    if (form === 'events') return streamed(one(new TextEncoder().encode(text)))
    throw new GatewayError('upstream_invalid_response')
  }
  const reads = readsOf(response.body, watch.touch)
  const taken: Uint8Array[] = []
  let form: Form = 'undecided'
  while (form === 'undecided') {
    const { done, value } = await reads.next()
    if (done) throw new GatewayError('upstream_empty_response')
    taken.push(value)
    form = formOf(new TextDecoder().decode(Buffer.concat(taken), { stream: true }))
  }
  const [only] = taken
  const all = withFirst(taken.length === 1 && only ? only : Buffer.concat(taken), reads)
  if (form === 'events') return streamed(all)
  if (form === 'json') return whole(await readText(all, largestBody))
  throw new GatewayError('upstream_invalid_response')
}

const largestHead = 64 * 1024

const sizeOf = (headers: Headers): number => {
  let size = 0
  for (const [name, value] of headers) size += name.length + value.length
  return size
}

/** Sends, and answers with the provider's batches; `told` hears the HTTP status, `warned` what was left out. */
export const openExchange = async (
  exchange: Exchange,
  told: (status: number) => void,
  warned: Warned,
): Promise<AsyncIterator<Batch>> => {
  const idle = idlePlugins(exchange.call, exchange.provider)
  const warn: Warned = idle.length > 0 ? (words) => warned([...idle, ...words]) : warned
  if (idle.length > 0) warn([])
  const { call, provider, watch } = exchange
  watch.arm(patienceFor(call, provider.timeouts.first_byte), timedOut)
  if (exchange.dialect.open) return openByItself(exchange, exchange.dialect.open, told, warn)
  const response = await request(exchange, warn)
  told(response.status)
  if (sizeOf(response.headers) > largestHead) throw new GatewayError('upstream_response_too_large')
  if (response.status < 200 || response.status >= 300) {
    const text = await readText(
      readsOf(response.body, exchange.watch.touch),
      largestErrorBody,
      true,
    ).catch(() => '')
    throw classify({ status: response.status, headers: response.headers, body: parsed(text) })
  }
  return decode(exchange, response)
}
