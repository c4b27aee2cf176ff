import type { ProviderConfig } from '../config.ts'
import { listOf, objectOf, type Fields } from '../fields.ts'
import { askJson } from './ask-json.ts'
import type { Reported } from './reported.ts'

/** Milliseconds for all that a runtime is asked. */
const patience = 5_000

/** Models that are asked about one by one, and how many at once. */
const mostModels = 200
const atOnce = 8

type Ask = (path: string, body?: object) => Promise<Fields>

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && value > 0 ? value : undefined

/** `num_ctx 8192` among the lines of a model file's parameters. */
const contextIn = (parameters: unknown): number | undefined =>
  typeof parameters === 'string'
    ? number(Number(/^\s*num_ctx\s+(\d+)\s*$/m.exec(parameters)?.[1]))
    : undefined

const ofOllama = (shown: Fields): Fields => {
  const info = objectOf(shown.model_info)
  const capabilities = listOf(shown.capabilities)
  const trained = number(info[`${String(info['general.architecture'])}.context_length`])
  const context = contextIn(shown.parameters) ?? trained
  return {
    ...(context !== undefined && { context_length: context }),
    quantization: objectOf(shown.details).quantization_level,
    ...(capabilities.includes('embedding') && { type: 'embedding' }),
    ...(capabilities.length > 0 && {
      capabilities: {
        vision: capabilities.includes('vision'),
        tools: capabilities.includes('tools'),
        thinking: capabilities.includes('thinking'),
      },
    }),
  }
}

/** Ollama tells each model's own by its name only. */
const ollama = async (models: readonly Reported[], ask: Ask): Promise<readonly Reported[]> => {
  const told: Reported[] = []
  for (let from = 0; from < Math.min(models.length, mostModels); from += atOnce)
    told.push(
      ...(await Promise.all(
        models.slice(from, Math.min(from + atOnce, mostModels)).map(async (model) => ({
          ...model,
          ...ofOllama(await ask('/api/show', { model: model.id })),
        })),
      )),
    )
  return [...told, ...models.slice(mostModels)]
}

/** LM Studio has a list of its own beside OpenAI's. */
const lmstudio = async (models: readonly Reported[], ask: Ask): Promise<readonly Reported[]> => {
  const own = new Map(
    listOf((await ask('/api/v0/models')).data).map((item) => [objectOf(item).id, objectOf(item)]),
  )
  return models.map((model) => {
    const { type, quantization, max_context_length, loaded_context_length, capabilities } =
      own.get(model.id) ?? {}
    if (type === undefined) return model
    const tools = listOf(capabilities).includes('tool_use')
    return {
      ...model,
      type,
      quantization,
      max_context_length,
      loaded_context_length,
      ...(type !== 'embeddings' && { capabilities: { vision: type === 'vlm', tools } }),
    }
  })
}

/** llama.cpp runs one model, in the context that it was started with. */
const llamacpp = async (models: readonly Reported[], ask: Ask): Promise<readonly Reported[]> => {
  const props = await ask('/props')
  const context = number(objectOf(props.default_generation_settings).n_ctx)
  const { vision } = objectOf(props.modalities)
  const [only] = models
  if (!only || models.length > 1) return models
  return [
    {
      ...only,
      ...(context !== undefined && { context_length: context }),
      ...(typeof vision === 'boolean' && { supports_vision: vision }),
    },
  ]
}

const runtimes = { ollama, lmstudio, llamacpp } as const

const isRuntime = (preset: string): preset is keyof typeof runtimes =>
  Object.hasOwn(runtimes, preset)

/** The models with what their runtime tells of them in its own API; as they were where it tells nothing. */
export const withDetails = async (
  provider: ProviderConfig,
  models: readonly Reported[],
): Promise<readonly Reported[]> => {
  const { preset, base_url } = provider
  if (preset === undefined || !isRuntime(preset) || models.length === 0) return models
  const signal = AbortSignal.timeout(patience)
  const root = base_url.replace(/\/v1$/, '')
  const ask: Ask = async (path, body) =>
    objectOf(
      await askJson(provider, { url: root + path, signal, ...(body && { body }) }).catch(
        () => undefined,
      ),
    )
  return runtimes[preset](models, ask)
}
