import type { Server } from 'bun'
import { attempts, type Call } from '../chat.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import type { Gateway } from '../gateway.ts'
import { Vars } from '../pipeline.ts'
import { batchesOf, firstContent, type Batch } from '../stream.ts'
import type { Surface, Wire } from '../surfaces/surface.ts'
import { checkRequest, readBody } from './body.ts'
import type { Lifecycle } from './lifecycle.ts'
import { collectBody, pump } from './pump.ts'
import { report, type Ending } from './report.ts'

export interface Arrival {
  readonly request: Request
  readonly server: Server<unknown> | null
  readonly gateway: Gateway
  readonly lifecycle: Lifecycle
  readonly wire: Wire
}

/** Headers of every answer: its ids and who served it. */
const headersFor = (call: Call, wire: Wire): Record<string, string> => {
  const tried = call.vars.get(attempts)
  const served = tried.findLast(({ code }) => code === 'ok')
  return {
    'x-request-id': wire.requestId,
    'x-generation-id': wire.id,
    'x-sluice-attempts': String(tried.length),
    ...(served && { 'x-sluice-provider': served.provider, 'x-sluice-model': served.model }),
  }
}

/** An error before the head has gone, with its true status. */
export const refuse = (
  error: GatewayError,
  surface: Pick<Surface, 'error'>,
  wire: Wire,
): Response => {
  const { retryAfter } = error
  return new Response(JSON.stringify(surface.error(error, wire)), {
    status: error.status,
    headers: {
      'content-type': 'application/json',
      'x-request-id': wire.requestId,
      'x-generation-id': wire.id,
      'x-sluice-attempts': String(error.details.attempts?.length ?? 0),
      'x-should-retry': String(error.retryable),
      ...(retryAfter !== undefined && {
        'retry-after': String(Math.ceil(retryAfter)),
        'retry-after-ms': String(Math.ceil(retryAfter * 1_000)),
      }),
      ...(error.code === 'draining' && { connection: 'close' }),
    },
  })
}

/** The answer once it has said something; undefined when it is still silent after so many milliseconds. */
const openedWithin = async (
  opening: Promise<AsyncIterator<Batch>>,
  patience: number,
): Promise<AsyncIterator<Batch> | undefined> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patience)
  })
  try {
    return await Promise.race([opening, silence])
  } finally {
    clearTimeout(timer)
  }
}

/** The batches of an answer that has said nothing yet. */
const stillSilent = (opening: Promise<AsyncIterator<Batch>>): AsyncIterator<Batch> => ({
  next: async () => (await opening).next(),
  return: async () => (await (await opening).return?.()) ?? { done: true, value: undefined },
})

/** One client request, from its body to the last byte of its answer. */
export const dispatch = async (arrival: Arrival, surface: Surface): Promise<Response> => {
  const { request, server, gateway, lifecycle, wire } = arrival
  const { server: config } = gateway.config
  const began = performance.now()
  let call: Call | undefined
  let leave = () => {}
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
    const source = await readBody(request, config)
    call = {
      id: wire.id,
      operation: surface.operation,
      request: checkRequest(surface.request, source),
      source,
      headers: request.headers,
      address: () => server?.requestIP(request)?.address ?? '',
      signal: controller.signal,
      vars: new Vars(),
    }
    const made = call
    const ended = (ending: Ending) => {
      leave()
      report(made, made, began, ending)
    }
    // silence is limited by heartbeats and the watch; the server's own limit is for clients that do not send
    server?.timeout(request, 0)
    const chunks = gateway.handle(call)
    const asked: Wire = { ...wire, model: call.request.model }

    if (call.request.stream !== true || surface.operation === 'embeddings') {
      const { body, chunk } = await collectBody(batchesOf(chunks), surface, asked).catch(
        (thrown) => {
          throw flight.stopped() ?? thrown
        },
      )
      server?.timeout(request, Math.ceil(config.write_timeout / 1_000))
      ended({
        ...(chunk.usage && { usage: chunk.usage }),
        ...(chunk.model && { model: chunk.model }),
      })
      return new Response(body, {
        headers: { 'content-type': 'application/json', ...headersFor(call, wire) },
      })
    }

    const opening = firstContent(chunks).then(batchesOf)
    opening.catch(() => undefined)
    const opened = await openedWithin(opening, config.heartbeat).catch((thrown) => {
      throw flight.stopped() ?? thrown
    })
    const body = pump(opened ?? stillSilent(opening), {
      silent: opened === undefined,
      writer: surface.events(asked),
      heartbeat: config.heartbeat,
      write_timeout: config.write_timeout,
      abort,
      stopped: flight.stopped,
      ended,
    })
    return new Response(body, {
      headers: {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
        ...headersFor(call, wire),
      },
    })
  } catch (thrown) {
    const error = toGatewayError(thrown)
    leave()
    const known = call
      ? error.with({ attempts: error.details.attempts ?? call.vars.get(attempts) })
      : error
    report({ id: wire.id, operation: surface.operation }, call, began, { error: known })
    return refuse(known, surface, wire)
  }
}
