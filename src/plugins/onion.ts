import {
  isLook,
  operations,
  type Call,
  type Handler,
  type Middleware,
  type Operation,
} from '../chat.ts'
import { ConfigError, problemAt, type Config } from '../config.ts'
import { messageOf } from '../errors.ts'
import { refuseUnaccepted } from '../router/asked/accept.ts'
import { pluginPrint } from './fingerprint.ts'
import { guarded } from './supervision/guarded.ts'
import { isOn, layered, layerOf, type Layer } from './layer.ts'
import { readSwitches } from './switches.ts'
import type { Host } from './host.ts'
import { compose } from '../pipeline.ts'
import type { LoadedPlugin } from '../plugins.ts'
import { errand } from './supervision/supervised.ts'
import { supervisionOf } from './supervision/supervision.ts'

/** A plugin that was set up. */
export interface Mounted extends Layer, Pick<LoadedPlugin, 'operations'> {
  readonly middleware: Middleware
  /** Whether nobody gets past it without a key. */
  readonly guards: boolean
  /** What it is and how it was configured, as a hash. */
  readonly print: string
}

/** Sets the plugins up, in order. Throws ConfigError. */
export const mountPlugins = async (
  plugins: readonly LoadedPlugin[],
  config: Config,
  hostFor: (layer: Layer) => Host,
  canonical: (model: string) => string,
): Promise<readonly Mounted[]> => {
  const mounted: Mounted[] = []
  for (const plugin of plugins)
    try {
      const layer = layerOf(plugin.name, plugin.definition, plugin.terms)
      const { definition, options } = plugin
      const host = hostFor(layer)
      const made = await definition.setup(options, {
        ...host,
        ask: (call, asked) => errand(plugin.name, call, host.ask(call, asked)),
      })
      const watched = guarded(plugin.name, made, supervisionOf(plugin))
      const middleware = layered(layer, watched, canonical)
      const guards = definition.guards?.(options) ?? false
      const own = { operations: plugin.operations, print: pluginPrint(plugin) }
      mounted.push(Object.assign(layer, { ...own, middleware, guards }))
    } catch (error) {
      const message = `the plugin could not be set up: ${messageOf(error)}`
      throw new ConfigError(config.source.file, [
        problemAt(config.source, plugin.at, message, 'key'),
      ])
    }
  return mounted
}

/** The plugins around the handler that answers in the end. */
export interface Onion {
  readonly handle: Handler
  /** What a layer wraps. */
  inside(layer: Layer): Handler
  /** What the call would go through behind a layer, each as a hash. */
  prints(layer: Layer, call: Call): readonly string[]
}

export const createOnion = (
  mounted: readonly Mounted[],
  innermost: Handler,
  canonical: (model: string) => string,
): Onion => {
  const behind = (layer: Layer) => mounted.slice(mounted.findIndex((one) => one === layer) + 1)
  /** The last plugin that guards, and all before it: strangers get no further. */
  const guards = mounted.findLastIndex((layer) => layer.guards) + 1
  const switched = readSwitches(mounted, mounted.slice(0, guards))
  const middlewares = (layers: readonly Mounted[], operation: Operation): readonly Middleware[] =>
    layers
      .filter((layer) => layer.operations.includes(operation))
      .map(({ middleware }) => middleware)
  const ofEach = <Value>(make: (operation: Operation) => Value) =>
    Object.fromEntries(operations.map((operation) => [operation, make(operation)])) as Record<
      Operation,
      Value
    >
  const handlers = ofEach((operation) =>
    compose(
      [
        ...middlewares(mounted.slice(0, guards), operation),
        refuseUnaccepted,
        ...(isLook(operation) ? [] : [switched]),
        ...middlewares(mounted.slice(guards), operation),
      ],
      innermost,
    ),
  )
  const insides = new Map<Layer, Record<Operation, Handler>>()
  return {
    handle: (call) => handlers[call.operation](call),
    inside(layer) {
      const known =
        insides.get(layer) ??
        ofEach((operation) => compose(middlewares(behind(layer), operation), innermost))
      insides.set(layer, known)
      return (call) => known[call.operation](call)
    },
    prints: (layer, call) =>
      behind(layer)
        .filter((one) => one.operations.includes(call.operation) && isOn(call, one, canonical))
        .map(({ print }) => print),
  }
}
