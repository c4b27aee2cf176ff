import { collect } from '../fold.ts'
import { Vars } from '../pipeline.ts'
import type { Operation } from '../chat.ts'
import type { Arrival } from './dispatch.ts'

/**
 * Takes a client that only wants to look at something through the pipeline, like any other: who may not ask may not look
 * either. What plugins found out of it is in what comes back.
 */
export const admit = async (arrival: Arrival, operation: Operation): Promise<Vars> => {
  const { request, server, gateway, wire, headers = request.headers } = arrival
  const leave = gateway.enter()
  const vars = new Vars()
  try {
    await collect(
      gateway.handle({
        id: wire.id,
        operation,
        request: { model: '' },
        headers,
        address: () => server?.requestIP(request)?.address ?? '',
        signal: request.signal,
        vars,
      }),
    )
    return vars
  } finally {
    leave()
  }
}
