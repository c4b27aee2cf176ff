import { afterEach, beforeEach, expect, test } from 'bun:test'
import { createCatalog } from '../../src/catalog/catalog.ts'
import { createLearned } from '../../src/catalog/learned.ts'
import { configOf } from './config.ts'

type Answer = (body: any) => unknown

let answers: Record<string, Answer>
let asked: string[]
let server: ReturnType<typeof Bun.serve>
beforeEach(() => {
  asked = []
  server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    async fetch(request) {
      const { pathname } = new URL(request.url)
      asked.push(`${request.method} ${pathname}`)
      const answer = answers[pathname]
      if (!answer) return new Response('no', { status: 404 })
      return Response.json(answer(request.method === 'POST' ? await request.json() : undefined))
    },
  })
})
afterEach(() => server.stop(true))

const catalogOf = async (preset: string) => {
  const base_url = `http://127.0.0.1:${server.port}/v1`
  const catalog = createCatalog(configOf({ [preset]: { base_url } }), createLearned())
  await catalog.tend()
  return catalog
}
const listed = (...ids: string[]) => ({
  '/v1/models': () => ({ object: 'list', data: ids.map((id) => ({ id, object: 'model' })) }),
})
const free = { prompt: 0, completion: 0 }

test('Ollama tells the context, the abilities and the precision of each model', async () => {
  const shown: Record<string, object> = {
    'qwen3:8b': {
      details: { quantization_level: 'Q4_K_M' },
      model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 },
      capabilities: ['completion', 'tools', 'thinking'],
    },
    llava: {
      details: { quantization_level: 'F16' },
      model_info: { 'general.architecture': 'llama', 'llama.context_length': 32_768 },
      parameters: 'temperature 0.7\nnum_ctx                        8192\nstop "a"',
      capabilities: ['completion', 'vision'],
    },
    embed: { capabilities: ['embedding'] },
  }
  answers = {
    ...listed('qwen3:8b', 'llava', 'embed', 'gone'),
    '/api/show': ({ model }) => shown[model] ?? { error: 'not found' },
  }
  const catalog = await catalogOf('ollama')
  expect(catalog.models('ollama')).toEqual(['qwen3:8b', 'llava', 'embed', 'gone'])
  expect(catalog.facts('ollama', 'qwen3:8b')).toMatchObject({
    family: 'qwen',
    context_length: 40_960,
    quantization: 'int4',
    input_modalities: ['text'],
    pricing: free,
  })
  const { supported_parameters } = catalog.facts('ollama', 'qwen3:8b')
  expect(supported_parameters).toContain('tools')
  expect(supported_parameters).toContain('reasoning')
  expect(catalog.facts('ollama', 'llava')).toMatchObject({
    context_length: 8_192,
    quantization: 'fp16',
    input_modalities: ['text', 'image'],
  })
  expect(catalog.facts('ollama', 'llava').supported_parameters).not.toContain('tools')
  expect(catalog.facts('ollama', 'embed').output_modalities).toEqual(['embeddings'])
  expect(catalog.facts('ollama', 'gone')).toEqual({
    family: 'gone',
    pricing: free,
    sources: ['local'],
  })
  expect(asked.filter((path) => path === 'POST /api/show')).toHaveLength(4)
})

test('LM Studio tells the context that a model is loaded with', async () => {
  const own = [
    { id: 'a', type: 'vlm', max_context_length: 131_072, loaded_context_length: 4_096 },
    { id: 'b', type: 'llm', max_context_length: 32_768, capabilities: ['tool_use'] },
    { id: 'c', type: 'embeddings', quantization: 'Q8_0' },
  ]
  answers = { ...listed('a', 'b', 'c'), '/api/v0/models': () => ({ data: own }) }
  const catalog = await catalogOf('lmstudio')
  expect(catalog.facts('lmstudio', 'a')).toMatchObject({
    context_length: 4_096,
    input_modalities: ['text', 'image'],
  })
  expect(catalog.facts('lmstudio', 'b').context_length).toBe(32_768)
  expect(catalog.facts('lmstudio', 'b').supported_parameters).toContain('tools')
  expect(catalog.facts('lmstudio', 'c')).toMatchObject({
    output_modalities: ['embeddings'],
    quantization: 'int8',
  })
})

test('llama.cpp tells the context that it was started with', async () => {
  answers = {
    ...listed('m.gguf'),
    '/props': () => ({
      default_generation_settings: { n_ctx: 16_384 },
      modalities: { vision: true, audio: false },
    }),
  }
  const catalog = await catalogOf('llamacpp')
  expect(catalog.facts('llamacpp', 'm.gguf')).toMatchObject({
    context_length: 16_384,
    input_modalities: ['text', 'image'],
  })
})

test('a runtime that tells nothing of its own still lists its models', async () => {
  answers = listed('m')
  for (const preset of ['ollama', 'lmstudio', 'llamacpp', 'vllm']) {
    const catalog = await catalogOf(preset)
    expect(catalog.models(preset)).toEqual(['m'])
    expect(catalog.facts(preset, 'm').pricing).toEqual(free)
  }
})
