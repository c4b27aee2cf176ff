import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import Ajv from 'ajv/dist/2020'
import { describeWhere } from './support/where-present.ts'
import { startLab, type Lab } from './support/lab.ts'

setDefaultTimeout(60_000)

const file = resolve(import.meta.dir, '../../shared/reference/openrouter-openapi.yaml')
const here = existsSync(file)
const contract: any = here ? Bun.YAML.parse(await Bun.file(file).text()) : { paths: {} }

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
if (here) ajv.addSchema({ $id: 'openrouter', ...contract })

/** The pointer to what OpenRouter’s document says that a GET answers. */
const answerOf = (path: string): string =>
  `openrouter#/paths/${path.replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')}/get/responses/200/content/application~1json/schema`

let lab: Lab
beforeAll(async () => {
  if (!here) return
  const facts = {
    context_length: 128_000,
    max_completion_tokens: 16_000,
    description: 'A model.',
    supported_parameters: ['tools', 'tool_choice'],
    reasoning: { default_effort: 'low', supported_efforts: ['low', 'high'] },
    pricing: {
      prompt: 0.15,
      completion: 0.6,
      input_cache_write_1h: 0.3,
      web_search: 0.01,
      overrides: [
        { min_prompt_tokens: 64_000, prompt: 0.3 },
        { utc_start: 1630, utc_end: 30, utc_days: ['monday'], completion: 0.3 },
      ],
    },
  }
  const provider = (base_url: string, models: object) => ({ base_url, api_key: 'k', models })
  lab = await startLab({
    providers: ({ a, b, c }) => ({
      a: { ...provider(a.url, { m: facts }), zdr: true },
      b: provider(b.url, { m: { quantization: 'fp8' }, v: { output_modalities: ['embeddings'] } }),
      c: provider(c.url, { p: { output_modalities: ['image'] } }),
    }),
    routes: { nick: 'm' },
  })
  await lab.chat({ model: 'a/m' })
})
afterAll(() => lab?.[Symbol.asyncDispose]())

const paths: readonly (readonly [documented: string, asked: string])[] = [
  ['/models', '/models'],
  ['/models', '/models?sort=newest&output_modalities=all&endpoints=true'],
  ['/models/count', '/models/count'],
  ['/models/user', '/models/user'],
  ['/model/{author}/{slug}', '/model/a/m'],
  ['/model/{author}/{slug}', '/model/nick'],
  ['/models/{author}/{slug}/endpoints', '/models/a/m/endpoints'],
  ['/models/{author}/{slug}/endpoints', '/models/m/endpoints'],
  ['/models/{author}/{slug}/endpoints', '/models/sluice/auto/endpoints'],
  ['/providers', '/providers'],
  ['/endpoints/zdr', '/endpoints/zdr'],
  ['/embeddings/models', '/embeddings/models'],
  ['/images/models', '/images/models'],
]

describeWhere(here)('OpenRouter’s own document', () => {
  test.each(paths)('describes %s as %s is answered', async (documented, asked) => {
    const response = await fetch(`${lab.sluice.url}/api/v1${asked}`)
    expect(response.status).toBe(200)
    const valid = ajv.compile({ $ref: answerOf(documented) })
    valid(await response.json())
    const wrong = valid.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`)
    // its providers are others than the user's, and it tells its clients to expect new ones
    expect((wrong ?? []).filter((text) => !/\/provider_name must be equal/.test(text))).toEqual([])
  })
})
