import { Elysia } from 'elysia'
import { caller } from '../chat.ts'
import { describe } from '../docs/describe.ts'
import { GatewayError } from '../errors.ts'
import { toShown } from '../ledger/shown.ts'
import type { Arrival } from './dispatch.ts'
import { view } from './view.ts'

/** Where OpenRouter's clients demand a number, it is the one by which OpenRouter itself marks an unknown price. */
const unknownPrice = -1

/** The same words for what is not there and for what is another caller's. */
const missing = (id: string) =>
  new GatewayError('not_found', {
    param: 'id',
    message: `No generation ${/^gen-[\w-]{1,64}$/.test(id) ? id : 'with that id'} is kept here for this key.`,
  })

const generationIn = (
  { request, gateway, wire }: Arrival,
  owner: string | undefined,
): Readonly<Record<'data', object>> => {
  const id = new URL(request.url).searchParams.get('id') ?? ''
  if (id === '')
    throw new GatewayError('invalid_request_error', { param: 'id', message: 'id is missing.' })
  const generation = gateway.generations.get(id)
  if (!generation || generation.owner !== owner) throw missing(id)
  return { data: toShown(generation, wire.codes === 'status' ? unknownPrice : null) }
}

const answered = (arrival: Arrival): Promise<Response> =>
  view(arrival, 'history', (vars) => generationIn(arrival, vars.get(caller)?.name))

/** What became of a call, for the caller who made it. */
export const generationRoute = (prefix: string, arrive: (request: Request) => Arrival) =>
  new Elysia().get(`${prefix}/generation`, ({ request }) => answered(arrive(request)), {
    detail: describe(`${prefix}/generation`),
  })
