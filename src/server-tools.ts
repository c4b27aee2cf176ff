import type { Handler } from './chat.ts'
import { GatewayError } from './errors.ts'
import { collect } from './fold.ts'
import { key } from './pipeline.ts'
import { answer, answerWith, deferred } from './stream.ts'
import { askingForThoughts } from './server-tools/asking.ts'
import { runLoop } from './server-tools/loop.ts'
import { offer, type Registry } from './server-tools/offer.ts'
import type { WithTools } from './server-tools/tool.ts'

export { parametersOf } from './server-tools/entry.ts'
export type { ServerTool, Source, ToolResult } from './server-tools/tool.ts'

/** The tools of the loop that the call is in. */
const offered = key<Registry | undefined>('server tools', () => undefined)

/**
 * Offers tools to the model and runs those that it calls, in as many turns as it takes; the client sees one answer.
 * Several plugins may bring tools: the outermost runs the loop, for all of them.
 * @param replaces makes tools of entries of the request's own `tools`, in whose place they are offered
 */
export const withTools: WithTools = (call, next, tools, replaces) => {
  const outer = call.vars.get(offered)
  if (outer) return next({ ...call, request: offer(call, outer, tools, replaces) })
  const registry: Registry = new Map()
  const request = offer(call, registry, tools, replaces)
  if (registry.size === 0) return next(call)
  if (call.operation !== 'chat') return next({ ...call, request })
  if ((request.n ?? 1) > 1)
    throw new GatewayError('invalid_request_error', {
      param: 'n',
      message: 'n: tools that the gateway runs need an answer with one choice.',
    })
  const turns: Handler = (inner) => {
    call.vars.set(offered, registry)
    return next(inner)
  }
  const batches = async function* looped() {
    try {
      yield* runLoop(askingForThoughts({ ...call, request }), turns, registry)
    } finally {
      call.vars.set(offered, undefined)
    }
  }
  if (request.stream === true) return answer(batches())
  return deferred(async () => answerWith((await collect(answer(batches()))) ?? {}))
}
