import { expect, test } from 'bun:test'
import { startSluice } from '../support/sluice.ts'

const plugin = `
import { collect, definePlugin, v } from 'sluice/plugin'

export default definePlugin({
  name: 'extra',
  options: v.strictObject({}),
  operations: ['models'],
  setup: () =>
    async function* extra(call, next) {
      const chunk = await collect(next(call))
      yield { ...chunk, data: [...(chunk?.data ?? []), { id: 'extra/model' }] }
    },
})
`

test('a model that a plugin lists by its id alone is in every list, with nothing known of it', async () => {
  const config = 'plugins: [./extra.ts]\nserver: { discover: false }'
  await using sluice = await startSluice({ config, files: { 'extra.ts': plugin } })
  const get = async (path: string): Promise<any> => {
    const response = await fetch(sluice.url + path)
    expect(response.status, path).toBe(200)
    return response.json()
  }
  for (const path of [
    '/v1/models',
    '/api/v1/models',
    '/v1/models/user',
    '/v1/models?endpoints=true',
  ])
    expect((await get(path)).data.at(-1), path).toMatchObject({
      id: 'extra/model',
      name: 'extra/model',
      owned_by: 'sluice',
      pricing: { prompt: '-1', completion: '-1' },
      context_length: null,
    })
  expect((await get('/v1/model/extra/model')).data.id).toBe('extra/model')
  expect((await get('/v1/models/extra/model/endpoints')).data.endpoints).toEqual([])
  expect((await get('/v1beta/models')).models.at(-1).name).toBe('models/extra/model')
  expect((await get('/api/tags')).models.at(-1).name).toBe('extra/model')
})
