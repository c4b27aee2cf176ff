import { Elysia } from 'elysia'
import { describe } from '../docs/describe.ts'
import type { Arrival } from './dispatch.ts'
import { view } from './view.ts'

/** What each provider is being sent, what it may still be sent in this minute, and who waits for it. */
export const queueRoute = (arrive: (request: Request) => Arrival) => {
  const answered = (arrival: Arrival): Promise<Response> =>
    view(arrival, 'status', () => ({ object: 'list', data: arrival.gateway.limits.report() }))
  return new Elysia().get('/api/queue', ({ request }) => answered(arrive(request)), {
    detail: describe('/api/queue'),
  })
}
