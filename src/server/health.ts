import { Elysia } from 'elysia'
import { describe } from '../docs/describe.ts'
import type { Arrival } from './dispatch.ts'
import { view } from './view.ts'

/** How the providers, their endpoints and their keys are. */
export const healthRoute = (arrive: (request: Request) => Arrival) =>
  new Elysia().get(
    '/api/health',
    ({ request }) => {
      const arrival = arrive(request)
      return view(arrival, 'status', () => arrival.gateway.healthReport())
    },
    { detail: describe('/api/health') },
  )
