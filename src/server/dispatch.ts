import type { Server } from 'bun'
import { attempts, caller, route, type Call } from '../chat.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import type { Gateway } from '../gateway.ts'
import { log } from '../log.ts'
import { Vars } from '../pipeline.ts'
import { batchesOf, firstContent, type Batch } from '../stream.ts'
import type { Surface, Wire } from '../surfaces/surface.ts'
import { checkRequest, readBody } from './body.ts'
import type { Lifecycle } from './lifecycle.ts'
import { collectBody, pump, type Ending } from './pump.ts'

export interface Arrival {
  readonly request: Request
  readonly server: Server<unknown> | null
  readonly gateway: Gateway
  readonly lifecycle: Lifecycle
  readonly wire: Wire
}

const statusOf = (error: GatewayError | undefined): number => error?.status ?? 200

/** One line for each call: never a prompt, never a key. */
const report = (call: Call, began: number, { error, usage, model }: Ending): void => {
  const tried = call.vars.get(attempts)
  const served = tried.findLast(({ code }) => code === 'ok') ?? tried.at(-1)
  const level = error && error.status >= 500 ? 'warn' : 'info'
  log[level](call.operation, {
    id: call.id,
    model: call.request.model,
    served: served && `${served.provider}/${served.model}`,
    reported: model,
    route: call.vars.get(route),
    caller: call.vars.get(caller)?.name,
    status: statusOf(error),
    code: error?.code,
    stream: call.request.stream === true,
    prompt_tokens: usage?.prompt_tokens,
    completion_tokens: usage?.completion_tokens,
    estimated: usage?.estimated,
    first_ms: served?.ms,
    ms: Math.round(performance.now() - began),
    attempts: tried.length,
    failed:
      tried
        .filter(({ code }) => code !== 'ok')
        .map(({ provider, code }) => `${provider}:${code}`)
        .join(',') || undefined,
    error:
      error?.cause instanceof Error && error.fault === 'gateway' ? error.cause.stack : undefined,
  })
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

const silent = Symbol('nothing was said yet')

/** The answer's first content, or `silent` after so many milliseconds. */
const firstOrSilence = async (head: Promise<unknown>, patience: number): Promise<unknown> => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise((resolve) => (timer = setTimeout(resolve, patience, silent)))
  try {
    return await Promise.race([head, silence])
  } finally {
    clearTimeout(timer)
  }
}

/** The batches of an answer that is still to come. */
const later = (head: Promise<AsyncIterator<Batch>>): AsyncIterator<Batch> => ({
  next: async () => (await head).next(),
  return: async () => (await (await head).return?.()) ?? { done: true, value: undefined },
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
    const source = await readBody(request, config)
    const controller = new AbortController()
    const abort = () => controller.abort()
    request.signal.addEventListener('abort', abort, { once: true })
    const leaveGateway = gateway.enter()
    const flight = lifecycle.enter(abort)
    leave = () => {
      request.signal.removeEventListener('abort', abort)
      flight.leave()
      leaveGateway()
    }
    call = {
      id: wire.id,
      operation: surface.operation,
      request: checkRequest(surface.request, source),
      source,
      headers: request.headers,
      address: server?.requestIP(request)?.address ?? '',
      signal: controller.signal,
      vars: new Vars(),
    }
    const made = call
    const ended = (ending: Ending) => {
      leave()
      report(made, began, ending)
    }
    // silence is limited by heartbeats and the watch; the server's own limit is for clients that do not send
    server?.timeout(request, 0)
    const chunks = gateway.handle(call)

    if (call.request.stream !== true || surface.operation === 'embeddings') {
      const { body, chunk } = await collectBody(batchesOf(chunks), surface).catch((thrown) => {
        throw flight.stopped() ?? thrown
      })
      server?.timeout(request, Math.ceil(config.write_timeout / 1_000))
      ended({
        ...(chunk.usage && { usage: chunk.usage }),
        ...(chunk.model && { model: chunk.model }),
      })
      return new Response(body, {
        headers: { 'content-type': 'application/json', ...headersFor(call, wire) },
      })
    }

    const opened = firstContent(chunks).then((head) => batchesOf(head))
    opened.catch(() => undefined)
    const batches = later(opened)
    await firstOrSilence(opened, config.heartbeat).catch((thrown) => {
      throw flight.stopped() ?? thrown
    })
    const body = pump(batches, {
      writer: surface.events(wire),
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
    if (call) report(call, began, { error: known })
    else if (error.code === 'internal_error')
      log.error('internal error', { error: String(error.cause) })
    return refuse(known, surface, wire)
  }
}
