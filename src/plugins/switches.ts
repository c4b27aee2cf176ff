import { caller, type Middleware } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import { key } from '../pipeline.ts'
import { matches } from '../router/routes/pattern.ts'

type Named = { readonly name: string }

/** What `X-Sluice-Plugins` said of plugins by name. */
export const switches = key<ReadonlyMap<string, boolean> | undefined>('switches', () => undefined)

const words = /^[+-][\w./@-]{1,100}$/

/** Reads `X-Sluice-Plugins: -cache,+privacy`, for callers who may say that. @param guards cannot be switched */
export const readSwitches =
  (layers: readonly Named[], guards: readonly Named[]): Middleware =>
  (call, next) => {
    const header = call.headers.get('x-sluice-plugins')
    if (header === null) return next(call)
    const switched = new Map<string, boolean>()
    const may = call.vars.get(caller)
    for (const word of header.split(',').map((one) => one.trim())) {
      if (word === '') continue
      const name = word.slice(1)
      if (!words.test(word))
        throw new GatewayError('invalid_request_error', {
          message: 'X-Sluice-Plugins: expected names after + or -, such as "-cache,+privacy".',
        })
      if (guards.some((guard) => guard.name === name))
        throw new GatewayError('plugin_not_allowed', {
          message: `X-Sluice-Plugins: ${name} cannot be switched.`,
        })
      // a caller without the right does not learn which plugins there are
      if (may && !(may.plugins ?? []).some((pattern) => matches(pattern, name)))
        throw new GatewayError('plugin_not_allowed')
      if (!layers.some((layer) => layer.name === name))
        throw new GatewayError('invalid_request_error', {
          message: `X-Sluice-Plugins: no plugin ${name} is configured here.`,
        })
      switched.set(name, word.startsWith('+'))
    }
    call.vars.set(switches, switched)
    return next(call)
  }
