import { json } from '../content.ts'
import * as samples from '../samples/catalog.ts'
import { model, modelList } from '../samples/openai.ts'
import { outputs, paging } from './list-parameters.ts'
import { finding, listing, read, type Family } from './notes.ts'
import { places } from './openai.ts'

const id = {
  name: 'id',
  in: 'path',
  description: 'The model’s id. Its slashes may be written as they are or as `%2F`.',
  example: 'demo/demo',
} as const

const operations: Family['operations'] = {
  'GET /models/count': {
    id: 'countModels',
    summary: 'Count what can be asked for',
    description: 'How long the list of models is.',
    parameters: [outputs],
    answer: { description: 'The number.', content: json('ModelCount', { data: { count: 1 } }) },
    refusals: listing,
    headers: read,
  },
  'GET /models/user': {
    id: 'listUsableModels',
    summary: 'List what this key may use',
    description:
      'The models of which the preferences of the configuration, of the route and of the key leave an endpoint, with the prices and limits of those that are left.',
    parameters: paging,
    answer: { description: 'The models.', content: json('ModelList', modelList) },
    refusals: listing,
    headers: read,
  },
  'GET /models/*/endpoints': {
    id: 'listEndpoints',
    summary: 'List the endpoints of a model',
    description:
      'Every provider that answers for the model, in the order of its route: prices, limits, and what was measured here.',
    parameters: [id],
    answer: {
      description: 'The endpoints.',
      content: json('ModelEndpoints', samples.modelEndpoints),
    },
    refusals: finding,
    headers: read,
  },
  'GET /model/*': {
    id: 'getModelDetails',
    summary: 'Describe one model, by any of its names',
    description: 'Takes aliases, and names with variants behind a colon.',
    parameters: [id],
    answer: { description: 'The model.', content: json('ModelDetails', { data: model }) },
    refusals: finding,
    headers: read,
  },
  'GET /providers': {
    id: 'listProviders',
    summary: 'List the providers',
    description: 'With a key, only those that have something that the key may use.',
    answer: { description: 'The providers.', content: json('ProviderList', samples.providers) },
    refusals: listing,
    headers: read,
  },
  'GET /endpoints/zdr': {
    id: 'listZdrEndpoints',
    summary: 'List the endpoints that keep nothing',
    description: 'Those of the providers that the configuration says `zdr` of.',
    answer: {
      description: 'The endpoints.',
      content: json('EndpointList', { data: [samples.endpoint] }),
    },
    refusals: listing,
    headers: read,
  },
  'GET /embeddings/models': {
    id: 'listEmbeddingModels',
    summary: 'List the models that make embeddings',
    description: 'As far as that is known of them.',
    parameters: paging,
    answer: { description: 'The models.', content: json('ModelList', modelList) },
    refusals: listing,
    headers: read,
  },
  'GET /images/models': {
    id: 'listImageModels',
    summary: 'List the models that make images',
    description: 'As far as that is known of them.',
    answer: { description: 'The models.', content: json('ImageModelList', samples.imageModels) },
    refusals: listing,
    headers: read,
  },
}

export const catalog: Family = { places, operations }
