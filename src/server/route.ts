import { Elysia } from 'elysia'
import { describe } from '../docs/describe.ts'
import { toDecision } from '../router/choice/decision.ts'
import { readBody } from './body.ts'
import { decide } from './decide.ts'
import type { Arrival } from './dispatch.ts'
import { view } from './view.ts'

const answered = (arrival: Arrival): Promise<Response> =>
  view(arrival, 'status', async (vars) => {
    const { request, gateway } = arrival
    const { value: body } = await readBody(request, gateway.config.server)
    return toDecision(
      await decide(gateway, { body, headers: request.headers, vars }),
      gateway.stats,
    )
  })

/** Where a request would be answered, and why there. */
export const decisionRoute = (arrive: (request: Request) => Arrival) =>
  new Elysia().post('/api/route', ({ request }) => answered(arrive(request)), {
    parse: 'none',
    detail: describe('POST /api/route'),
  })
