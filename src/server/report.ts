import { attempts, caller, route, type Call } from '../chat.ts'
import type { GatewayError } from '../errors.ts'
import type { Ending } from '../ledger/generation.ts'
import { logPlain, traceOf } from '../log.ts'

/** Whether the cause is in this code: also of what a client is told that it cannot be read. */
const isOurs = ({ fault, code }: GatewayError): boolean =>
  fault === 'gateway' || code === 'invalid_request_error'

/** One line for each request: never a prompt, never a key. `call` is missing when the request never became one. */
export const report = (
  { id, operation }: Pick<Call, 'id' | 'operation'>,
  call: Call | undefined,
  began: number,
  { error, usage, model }: Ending,
): void => {
  const tried = call?.vars.get(attempts) ?? []
  const served = tried.findLast(({ code }) => code === 'ok')
  const failed = tried.filter(({ code }) => code !== 'ok')
  const stack = error?.cause && isOurs(error) ? traceOf(error.cause) : undefined
  const isOdd = stack !== undefined || (error && error.status >= 500)
  logPlain(isOdd ? 'warning' : 'info', operation, {
    id,
    status: error?.status ?? 200,
    code: error?.code,
    model: call?.request.model,
    served: served && `${served.provider}/${served.model}`,
    reported: model,
    route: call?.vars.get(route),
    caller: call?.vars.get(caller)?.name,
    stream: call?.request.stream === true,
    prompt_tokens: usage?.prompt_tokens,
    completion_tokens: usage?.completion_tokens,
    estimated: usage?.estimated,
    first_ms: served?.ms,
    ms: Math.round(performance.now() - began),
    attempts: tried.length,
    failed:
      failed.length > 0 ? failed.map(({ provider, code }) => `${provider}:${code}`) : undefined,
    stack,
  })
}
