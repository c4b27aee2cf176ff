import { Elysia } from 'elysia'
import { toWireEndpoints } from '../catalog/listing/endpoints-page.ts'
import { usable } from '../catalog/listing/usable.ts'
import { toWireImageModel } from '../catalog/listing/wire-image-model.ts'
import { toWireModel } from '../catalog/listing/wire-model.ts'
import { toWireProvider } from '../catalog/listing/wire-provider.ts'
import { describe } from '../docs/describe.ts'
import type { Arrival } from './dispatch.ts'
import { answerWith, type Listed } from './listed.ts'
import { asked, listShapeFor, paged } from './model-list.ts'
import { idIn, modelIn } from './models.ts'

type Answer = (listed: Listed, arrival: Arrival, query: URLSearchParams) => object

/** How many models there are of the wanted kinds. */
const count: Answer = ({ models }, arrival, query) => ({
  data: { count: asked(models, query, arrival).length },
})

/** What the caller's key may use, after its preferences. */
const user: Answer = ({ models, caller }, { gateway }, query) =>
  paged(usable(models, caller, gateway), query)

const embeddings: Answer = ({ models }, arrival, query) =>
  paged(asked(models, query, arrival, 'embeddings'), query)

const images: Answer = ({ models }, arrival, query) => ({
  data: asked(models, query, arrival, 'image').map(toWireImageModel),
})

/** Everyone who has something that the caller may use; without limits, those too of whose models nothing is known. */
const providers: Answer = ({ models, caller }, { gateway: { config } }) => {
  const used = new Set(models.flatMap(({ endpoints }) => endpoints.map(({ provider }) => provider)))
  return {
    data: [...config.providers.values()]
      .filter(({ name }) => caller?.models === undefined || used.has(name))
      .map(toWireProvider),
  }
}

/** Each endpoint once that keeps nothing, by the first name that leads to it. */
const zdr: Answer = ({ models }, { gateway: { config, stats, health } }) => {
  const seen = new Set<string>()
  return {
    data: models.flatMap((model) => {
      const endpoints = model.endpoints.filter(({ provider, model: name }) => {
        const id = `${provider}/${name}`
        if (seen.has(id) || config.providers.get(provider)?.zdr !== true) return false
        seen.add(id)
        return true
      })
      return toWireEndpoints({ ...model, endpoints }, config, { stats, health })
    }),
  }
}

const paths: Readonly<Record<string, Answer>> = {
  '/models/count': count,
  '/models/user': user,
  '/embeddings/models': embeddings,
  '/images/models': images,
  '/providers': providers,
  '/endpoints/zdr': zdr,
}

/** What OpenRouter's clients can learn beside the list of models. */
export const catalogRoutes = (prefix: string, arrive: (request: Request) => Arrival) => {
  const app = new Elysia()
  const answered = (request: Request, toBody: Answer) => {
    const arrival = arrive(request)
    const query = new URL(request.url).searchParams
    return answerWith(arrival, listShapeFor(request.headers).errors, (listed) =>
      toBody(listed, arrival, query),
    )
  }
  for (const [path, toBody] of Object.entries(paths))
    app.get(prefix + path, ({ request }) => answered(request, toBody), {
      detail: describe(prefix + path),
    })
  return app.get(
    `${prefix}/model/*`,
    ({ request, params }) =>
      answered(request, (listed, arrival) => ({
        data: toWireModel(modelIn(listed, idIn(params['*']), arrival)),
      })),
    { detail: describe(`${prefix}/model/*`) },
  )
}
