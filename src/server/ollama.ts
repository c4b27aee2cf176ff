import { Elysia } from 'elysia'
import { describe } from '../docs/describe.ts'
import { GatewayError, toGatewayError } from '../errors.ts'
import { toOllamaError } from '../surfaces/ollama/error.ts'
import { isNamed, toShown, toTag, version } from '../surfaces/ollama/listing.ts'
import { readBody } from './body.ts'
import { refuse, type Arrival } from './dispatch.ts'
import { listed } from './listed.ts'

const shape = { error: toOllamaError }

const answered = async (arrival: Arrival, answer: () => Promise<object>): Promise<Response> => {
  try {
    const { id, requestId } = arrival.wire
    return Response.json(await answer(), {
      headers: { 'x-request-id': requestId, 'x-generation-id': id },
    })
  } catch (thrown) {
    return refuse(toGatewayError(thrown), shape, arrival.wire)
  }
}

const show = async (arrival: Arrival): Promise<object> => {
  const { value } = await readBody(arrival.request, arrival.gateway.config.server)
  const asked = String(value.model ?? value.name ?? '')
  const models = await listed(arrival)
  const model = models.find((candidate) => isNamed(candidate, asked))
  if (!model) throw new GatewayError('model_not_found', { message: 'No such model.' })
  return toShown(model)
}

/** What Ollama's clients ask for besides answers. */
export const ollamaRoutes = (arrive: (request: Request) => Arrival) => {
  const answers =
    (answer: (arrival: Arrival) => Promise<object>) => (context: { request: Request }) => {
      const arrival = arrive(context.request)
      return answered(arrival, () => answer(arrival))
    }
  return (
    new Elysia()
      .get(
        '/api/tags',
        answers(async (arrival) => ({ models: (await listed(arrival)).map(toTag) })),
        { detail: describe('/api/tags') },
      )
      .get(
        '/api/ps',
        answers(async () => ({ models: [] })),
        { detail: describe('/api/ps') },
      )
      .get(
        '/api/version',
        answers(async () => ({ version })),
        { detail: describe('/api/version') },
      )
      .post('/api/show', answers(show), { parse: 'none', detail: describe('POST /api/show') })
      // how clients ask whether anybody is there
      .get('/', () => new Response('Ollama is running'), { detail: describe('/') })
      .head('/', () => new Response(null), { detail: describe('HEAD /') })
  )
}
