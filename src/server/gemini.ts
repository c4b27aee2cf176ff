import { Elysia } from 'elysia'
import { describe } from '../docs/describe.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { geminiMethods } from '../surfaces/gemini.ts'
import { toGeminiError } from '../surfaces/gemini/error.ts'
import { toGeminiList, toGeminiModel } from '../surfaces/gemini/models.ts'
import { dispatch, refuse, type Arrival } from './dispatch.ts'
import { listed } from './listed.ts'

const shape = { error: toGeminiError }

type Listed = Awaited<ReturnType<typeof listed>>

/** A key may stand in the address; from here on it stands where the others do. */
const keyed = (arrival: Arrival): Arrival => {
  const key = new URL(arrival.request.url).searchParams.get('key')
  if (key === null || arrival.request.headers.has('x-goog-api-key')) return arrival
  const headers = new Headers(arrival.request.headers)
  headers.set('x-goog-api-key', key)
  return { ...arrival, headers }
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** What stands behind the models' folder, as it was written. */
const restOf = ({ url }: Request): string =>
  decoded(new URL(url).pathname.replace(/^\/v1(beta)?\/models\//, '')).replace(/^models\//, '')

/** The method stands behind the last colon; a model's name may have colons of its own. */
const ask = (arrival: Arrival): Response | Promise<Response> => {
  const rest = restOf(arrival.request)
  const colon = rest.lastIndexOf(':')
  const method = colon === -1 ? '' : rest.slice(colon + 1)
  const surface = Object.hasOwn(geminiMethods, method) ? geminiMethods[method] : undefined
  if (!surface) {
    const methods = Object.keys(geminiMethods).join(', ')
    const message = `Nothing is served here. The methods of a model are ${methods}.`
    return refuse(new GatewayError('not_found', { message }), shape, arrival.wire)
  }
  return dispatch({ ...arrival, asked: { model: rest.slice(0, colon), method } }, surface)
}

const list = async (arrival: Arrival, toBody: (models: Listed) => object): Promise<Response> => {
  const { wire } = arrival
  try {
    return Response.json(toBody(await listed(arrival)), {
      headers: { 'x-request-id': wire.requestId, 'x-generation-id': wire.id },
    })
  } catch (thrown) {
    return refuse(toGatewayError(thrown), shape, wire)
  }
}

/** The models, in Google's form. */
const geminiList = (arrival: Arrival): Promise<Response> => list(keyed(arrival), toGeminiList)

/** One model; the id's slashes may be encoded or not. */
const geminiModel = (arrival: Arrival): Promise<Response> =>
  list(keyed(arrival), (models) => {
    const id = restOf(arrival.request)
    const model = models.find((candidate) => candidate.id === id)
    if (!model)
      throw new GatewayError('model_not_found', { param: 'model', message: 'No such model.' })
    return toGeminiModel(model)
  })

/** What Google's clients post and get; version 3 of its SDK posts below `/v1`. */
export const geminiRoutes = (arrive: (request: Request) => Arrival) => {
  const post = ({ request }: { readonly request: Request }) => ask(keyed(arrive(request)))
  return new Elysia()
    .post('/v1beta/models/*', post, { parse: 'none', detail: describe('POST /v1beta/models/*') })
    .post('/v1/models/*', post, { parse: 'none', detail: describe('POST /v1/models/*') })
    .get('/v1beta/models', ({ request }) => geminiList(arrive(request)), {
      detail: describe('/v1beta/models'),
    })
    .get('/v1beta/models/*', ({ request }) => geminiModel(arrive(request)), {
      detail: describe('/v1beta/models/*'),
    })
}
