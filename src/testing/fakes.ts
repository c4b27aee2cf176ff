import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Elysia } from 'elysia'
import * as v from 'valibot'
import {
  inference,
  type Call,
  type Chunk,
  type Delta,
  type Endpoint,
  type Handler,
  type Request,
} from '../chat.ts'
import { usualTerms } from '../config/plugin-terms.ts'
import { demo } from '../config/provider.ts'
import { GatewayError } from '../errors.ts'
import type { ErrorCode } from '../errors/kinds.ts'
import { Vars } from '../pipeline.ts'
import type { Host } from '../plugins/host.ts'
import type { PluginDefinition } from '../plugins/definition.ts'
import type { Plan } from '../router/plan.ts'
import { guarded } from '../plugins/supervision/guarded.ts'
import { askedOf, layered, layerOf } from '../plugins/layer.ts'
import { answerWith } from '../stream.ts'

/** A call as a client would make it; `request` is laid over a short chat. */
export const fakeCall = (request: Partial<Request> = {}, call: Partial<Call> = {}): Call => ({
  id: 'gen-test',
  operation: 'chat',
  request: { model: 'test/model', messages: [{ role: 'user', content: 'Hello!' }], ...request },
  headers: new Headers(),
  address: () => '127.0.0.1',
  signal: new AbortController().signal,
  vars: new Vars(),
  ...call,
})

/** One turn of a scripted provider. */
export type Turn = (call: Call) => AsyncIterable<Chunk>

const usage = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 }
const base = { id: 'chatcmpl-test', created: 1, model: 'test-model' }

/** Answers with a text, whole or in pieces of so many characters, as the call wants it. */
export const says =
  (text: string, piece = 4): Turn =>
  (call) => {
    if (call.request.stream !== true)
      return answerWith({
        ...base,
        object: 'chat.completion',
        choices: [{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: 'stop' }],
        usage,
      })
    return (async function* spoken(): AsyncGenerator<Chunk> {
      const event = (delta: Delta, finish_reason: string | null = null): Chunk => ({
        ...base,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta, finish_reason }],
      })
      yield event({ role: 'assistant', content: '' })
      for (let at = 0; at < text.length; at += piece)
        yield event({ content: text.slice(at, at + piece) })
      yield event({}, 'stop')
      yield { ...base, object: 'chat.completion.chunk', choices: [], usage }
    })()
  }

/** Fails; with `after`, only when it has said that. */
export const fails = (code: ErrorCode = 'upstream_error', after?: string): Turn =>
  async function* failing(call) {
    if (after !== undefined && call.request.stream === true)
      for await (const chunk of says(after)(call))
        if (!chunk.usage && !chunk.choices?.[0]?.finish_reason) yield chunk
    throw new GatewayError(code)
  }

/** A provider that plays its turns in order, the last one again and again, and remembers the calls. */
export const scripted = (
  ...turns: readonly Turn[]
): Handler & { readonly calls: readonly Call[] } => {
  const calls: Call[] = []
  const handler = (call: Call) => {
    const turn = turns[Math.min(calls.length, turns.length - 1)] ?? says('Hello!')
    calls.push(call)
    return turn(call)
  }
  return Object.assign(handler, { calls })
}

const silent = () => undefined

/** A plan of endpoints of which nothing is known. */
export const fakePlan = (
  { request }: Call,
  endpointsOf: (model: string) => readonly Endpoint[],
): Plan => {
  const requested = [...new Set([request.model, ...(request.models ?? [])])]
  const candidates = requested.flatMap((model) =>
    endpointsOf(model).map((endpoint) => {
      const provider = { ...demo, name: endpoint.provider }
      return { model, route: model, endpoint, provider, facts: {}, notes: [] }
    }),
  )
  return {
    requested,
    strategy: 'direct',
    candidates,
    excluded: [],
    options: {},
    fallbacks: true,
    summary: '',
  }
}

/** A host that lends nothing real: every endpoint is well, nothing is logged. */
export const fakeHost = (host: Partial<Host> = {}): Host => {
  const entries = new Map<string, unknown>()
  return {
    log: { debug: silent, info: silent, warn: silent, error: silent },
    onClose: silent,
    http: new Elysia(),
    store: {
      get: (key) => entries.get(key),
      set: (key, value) => void entries.set(key, value),
      delete: (key) => void entries.delete(key),
    },
    fetch: () => Promise.reject(new Error('a test reaches no network')),
    page: () => Promise.reject(new Error('a test reaches no network')),
    service: () => Promise.reject(new Error('a test reaches no network')),
    plan: (call) => fakePlan(call, (model) => [{ provider: 'test', model }]),
    canonical: (model) => model,
    stands: () => false,
    health: {
      wait: () => 0,
      keyWait: () => 0,
      keyWhy: () => undefined,
      suspect: () => false,
      started: silent,
      succeeded: silent,
      failed: silent,
      released: silent,
    },
    room: () => 0,
    latency: silent,
    directory() {
      const directory = join(tmpdir(), `sluice-test-${process.pid}`)
      mkdirSync(directory, { recursive: true, mode: 0o700 })
      return directory
    },
    path: (file) => resolve(file),
    asked: (call) => ({ options: undefined, call }),
    ask: () => answerWith({ object: 'list', data: [] }),
    fingerprint: () => '',
    charge: silent,
    onLeave: silent,
    leaving: (text) => text,
    admit: silent,
    ...host,
  }
}

/** The plugin with these options around a provider: what a client would meet. */
export const mount = async <
  Options extends v.GenericSchema,
  AskedOptions extends v.GenericSchema = v.GenericSchema,
>(
  plugin: PluginDefinition<Options, AskedOptions>,
  options: v.InferInput<Options>,
  provider: Handler,
  host: Partial<Host> = {},
): Promise<Handler> => {
  const layer = layerOf(plugin.name, plugin, usualTerms)
  const lent = fakeHost({
    asked: (call) => askedOf(call, layer),
    // behind a plugin of a test there is nothing but the provider
    ask: (call, { operation, request }) => provider({ ...call, operation, request }),
    ...host,
  }) as Host<v.InferOutput<AskedOptions>>
  const made = await plugin.setup(v.parse(plugin.options, options), lent)
  const middleware = layered(layer, guarded(plugin.name, made), lent.canonical)
  return (call) =>
    (plugin.operations ?? inference).includes(call.operation)
      ? middleware(call, provider)
      : provider(call)
}
