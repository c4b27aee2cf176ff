import type { Server } from 'bun'
import { attempts, endings, warnings, type Call } from '../chat.ts'
import { answerHeaders, notices, timings } from '../told.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import type { Gateway } from '../gateway.ts'
import { toGeneration, type Ending } from '../ledger/generation.ts'
import { Vars } from '../pipeline.ts'
import { withAvailability } from '../router/choice/availability.ts'
import { standing } from '../router/limits/patience.ts'
import { batchesOf, bytesIn, firstContent, type Batch } from '../stream.ts'
import { asksWhy, explained } from '../surfaces/explained.ts'
import type { EventWriter, Place, Surface, Wire } from '../surfaces/surface.ts'
import { readRequest } from './body.ts'
import type { Lifecycle } from './lifecycle.ts'
import { openedWithin, peek, stillSilent } from './opening.ts'
import { collectBody, pump } from './pump.ts'
import { createNotes } from './notes.ts'
import { report } from './report.ts'

export interface Arrival {
  readonly request: Request
  readonly server: Server<unknown> | null
  readonly gateway: Gateway
  readonly lifecycle: Lifecycle
  readonly wire: Wire
  /** What the address says of the model, where it does. */
  readonly asked?: Pick<Place, 'model' | 'method'>
  /** The client's, where they are not the request's own: a key may stand in the address. */
  readonly headers?: Headers
}

const mostWarning = 1_000

/** Texts as a header can carry them. */
const asHeader = (texts: readonly string[]): string =>
  texts
    .join('; ')
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, mostWarning)

/** Headers of every answer: its ids, who served it, and what was left out on the way. */
const headersFor = (call: Call, wire: Wire, surface: Surface): Record<string, string> => {
  const tried = call.vars.get(attempts)
  const served = tried.findLast(({ code }) => code === 'ok')
  const left = [...call.vars.get(warnings), ...call.vars.get(notices)]
  return {
    ...surface.headers?.({ ...wire, call }),
    ...call.vars.get(answerHeaders),
    ...(left.length > 0 && { 'x-sluice-warnings': asHeader(left) }),
    'x-request-id': wire.requestId,
    'x-generation-id': wire.id,
    'x-sluice-attempts': String(tried.length),
    ...(served && { 'x-sluice-provider': served.provider, 'x-sluice-model': served.model }),
  }
}

/** An error before the head has gone, with its true status. */
export const refuse = (
  error: GatewayError,
  surface: Pick<Surface, 'error' | 'status' | 'headers'>,
  wire: Wire,
): Response => {
  const { retryAfter, details } = error
  const { rateLimit } = details
  return new Response(JSON.stringify(surface.error(error, wire)), {
    status: surface.status?.(error) ?? error.status,
    headers: {
      ...surface.headers?.(wire),
      ...wire.call?.vars.get(answerHeaders),
      'content-type': 'application/json',
      'x-request-id': wire.requestId,
      'x-generation-id': wire.id,
      'x-sluice-attempts': String(details.attempts?.length ?? 0),
      'x-should-retry': String(error.retryable),
      ...(retryAfter !== undefined && {
        'retry-after': String(Math.ceil(retryAfter)),
        'retry-after-ms': String(Math.ceil(retryAfter * 1_000)),
      }),
      ...(rateLimit && {
        'x-ratelimit-limit': String(rateLimit.limit),
        'x-ratelimit-remaining': String(rateLimit.remaining),
        'x-ratelimit-reset': String(Math.ceil(rateLimit.reset)),
      }),
      ...(error.code === 'draining' && { connection: 'close' }),
    },
  })
}

/** Milliseconds; the longest that a timer can wait. */
const largestDelay = 2 ** 31 - 1

/** For answers that are bytes. */
const passThrough: EventWriter = {
  batch: bytesIn,
  end: () => '',
  error: () => '',
}

/** The content-type that the first chunk of a binary answer names. */
const binaryType = ({ chunks }: Batch): string => {
  const type = chunks[0]?.content_type
  return typeof type === 'string' ? type : 'application/octet-stream'
}

/** The error with all that is known of the call that it ended. */
const toldOf = (error: GatewayError, call: Call | undefined): GatewayError =>
  withAvailability(
    call ? error.with({ attempts: error.details.attempts ?? call.vars.get(attempts) }) : error,
    call,
  )

/** One client request, from its body to the last byte of its answer. */
export const dispatch = async (arrival: Arrival, plain: Surface): Promise<Response> => {
  const { request, server, gateway, lifecycle, wire } = arrival
  const { server: config } = gateway.config
  const began = performance.now()
  const isTraced = asksWhy(request.headers)
  const surface = isTraced ? explained(plain, began) : plain
  let call: Call | undefined
  let leave = () => {}
  const end = (ending: Ending) => {
    for (const hear of call?.vars.get(endings).splice(0) ?? []) hear(ending)
    report({ id: wire.id, operation: surface.operation }, call, began, ending)
    const ms = performance.now() - began
    const record = call && toGeneration({ call, requestId: wire.requestId, ending, ms })
    if (record) gateway.generations.set(wire.id, record)
  }
  try {
    lifecycle.admit()
    const controller = new AbortController()
    const abort = () => controller.abort()
    request.signal.addEventListener('abort', abort, { once: true })
    const leaveGateway = gateway.enter()
    const flight = lifecycle.enter(abort)
    leave = () => {
      flight.leave()
      leaveGateway()
    }
    const { headers = request.headers } = arrival
    const place: Place = {
      headers,
      // few surfaces look at it
      get query() {
        return new URL(request.url).searchParams
      },
      memory: gateway.memory,
      ...arrival.asked,
    }
    const read = await readRequest(request, surface, place, config)
    call = gateway.accept({
      id: wire.id,
      operation: surface.operation,
      ...read,
      headers,
      address: () => server?.requestIP(request)?.address ?? '',
      signal: controller.signal,
      vars: new Vars(),
    })
    if (isTraced) call.vars.set(timings, [])
    const made = call
    const ended = (ending: Ending) => {
      leave()
      end(ending)
    }
    // silence is limited by heartbeats and the watch; the server's own limit is for clients that do not send
    server?.timeout(request, 0)
    const chunks = gateway.handle(call)
    const asked: Wire = { ...wire, model: call.request.model, call, place }
    const { events } = surface

    if (!surface.binary && (call.request.stream !== true || !events)) {
      const { body, chunk } = await collectBody(batchesOf(chunks), surface, asked).catch(
        (thrown) => {
          throw flight.stopped() ?? thrown
        },
      )
      server?.timeout(request, Math.ceil(config.write_timeout / 1_000))
      const notes = createNotes()
      notes.look(chunk)
      ended(notes.ending())
      return new Response(body, {
        headers: { 'content-type': 'application/json', ...headersFor(call, wire, surface) },
      })
    }

    const opening = firstContent(chunks).then(batchesOf)
    opening.catch(() => undefined)
    // bytes have no room for a comment: their head waits for them
    const patience = surface.binary ? largestDelay : config.heartbeat
    const opened = await openedWithin(opening, patience).catch((thrown) => {
      throw flight.stopped() ?? thrown
    })
    const [first, batches] = surface.binary && opened ? await peek(opened) : [undefined, opened]
    const streamType = first
      ? binaryType(first)
      : (surface.streamType?.(asked) ?? 'text/event-stream; charset=utf-8')
    const plainly = events ? events(asked) : passThrough
    const writer = {
      ...plainly,
      error: (error: GatewayError) => plainly.error(toldOf(error, made)),
    }
    const body = pump(batches ?? stillSilent(opening), {
      silent: opened === undefined,
      comments: !surface.binary,
      standing: () => made.vars.get(standing)?.(),
      writer,
      heartbeat: config.heartbeat,
      write_timeout: config.write_timeout,
      abort,
      stopped: flight.stopped,
      ended,
    })
    return new Response(body, {
      headers: {
        'content-type': streamType,
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
        ...headersFor(call, wire, surface),
      },
    })
  } catch (thrown) {
    leave()
    const error = toldOf(toGatewayError(thrown), call)
    end({ error })
    return refuse(error, surface, call ? { ...wire, call } : wire)
  }
}
