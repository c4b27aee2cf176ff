import type { Fields } from '../../fields.ts'
import { findPackage, installing } from '../../config/sdk-package.ts'
import type { ProviderConfig } from '../../config.ts'
import { GatewayError } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import { familyOf, toVersion, versions, type Family } from './family.ts'
import { createFetch, type Sender } from './transport.ts'

type Call = (options: Fields) => PromiseLike<Fields>

export interface LanguageModel {
  readonly family: Family
  readonly doGenerate: Call
  readonly doStream: Call
}

export interface EmbeddingModel {
  readonly family: Family
  readonly doEmbed: Call
  /** How many texts a call may have; `undefined` for any number. */
  readonly most: unknown
}

type Instance = Readonly<Record<string, unknown>>
type Factory = (settings: Fields) => unknown

const unusable = (name: string, why: string) =>
  new GatewayError('upstream_unreachable', {
    message: `The package ${name} ${why}.`,
    retryable: false,
  })

const isFunction = (value: unknown): value is (...given: readonly unknown[]) => unknown =>
  typeof value === 'function'

const isInstance = (value: unknown): value is Instance =>
  (typeof value === 'object' || typeof value === 'function') &&
  value !== null &&
  (isFunction(Reflect.get(value, 'languageModel')) || isFunction(Reflect.get(value, 'chat')))

const letters = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '')

/** Of several `createX`, that which is called most like the package. */
const factoryIn = (exported: Instance, name: string): Factory | undefined => {
  const written = letters(name)
  const makers = Object.keys(exported)
    .filter((key) => /^create[A-Z]/.test(key) && isFunction(exported[key]))
    .sort((one, other) => other.length - one.length)
  const alike = makers.find((key) => written.endsWith(letters(key.slice('create'.length))))
  const part = makers.find((key) => written.includes(letters(key.slice('create'.length))))
  const found = exported[alike ?? part ?? makers.at(-1) ?? ''] ?? exported.default
  return isFunction(found) && !isInstance(found) ? (settings) => found(settings) : undefined
}

/** What packages need that the YAML has said already, and what keeps them from losing what they could say. */
const usual = (name: string, provider: ProviderConfig): Fields => {
  if (/openai-compatible/.test(name))
    return { name: provider.name, includeUsage: true, supportsStructuredOutputs: true }
  return /openrouter/.test(name) ? { compatibility: 'strict' } : {}
}

const settingsOf = (
  name: string,
  provider: ProviderConfig,
  secret: Secret | undefined,
  send: Sender,
): Fields => ({
  ...usual(name, provider),
  ...(secret && { apiKey: secret.reveal() }),
  ...(provider.base_url !== 'ai-sdk:' && { baseURL: provider.base_url }),
  headers: Object.fromEntries(
    Object.entries(provider.headers).map(([header, value]) => [header, value.reveal()]),
  ),
  fetch: createFetch(send),
  ...provider.settings,
})

const create = async (
  name: string,
  provider: ProviderConfig,
  secret: Secret | undefined,
  send: Sender,
): Promise<Instance> => {
  const file = findPackage(provider)
  if (file === undefined) throw unusable(name, `is not installed (${installing(name)})`)
  const exported = await import(file).catch(() => {
    throw unusable(name, 'could not be loaded')
  })
  const factory = factoryIn(exported, name)
  const instance = factory ? factory(settingsOf(name, provider, secret, send)) : exported.default
  if (!isInstance(instance)) throw unusable(name, 'is no provider package of the AI SDK')
  return instance
}

const nobody = {}
const instances = new WeakMap<ProviderConfig, WeakMap<object, Promise<Instance>>>()

/** One instance for each key of a provider; a package that could not be loaded is looked for again. */
const instanceOf = (
  name: string,
  provider: ProviderConfig,
  secret: Secret | undefined,
  send: Sender,
): Promise<Instance> => {
  const known = instances.get(provider) ?? new WeakMap<object, Promise<Instance>>()
  instances.set(provider, known)
  const owner = secret ?? nobody
  const instance = known.get(owner) ?? create(name, provider, secret, send)
  known.set(owner, instance)
  instance.catch(() => known.delete(owner))
  return instance
}

/** A model with its methods bound, and what is known of it. */
const modelFrom = (
  instance: Instance,
  methods: readonly string[],
  id: string,
  name: string,
): { readonly model: Instance; readonly family: Family } | undefined => {
  const method = methods.find((one) => isFunction(instance[one]))
  if (method === undefined) return undefined
  const make = instance[method]
  const model = isFunction(make) ? make.call(instance, id) : undefined
  if (typeof model !== 'object' || model === null) return undefined
  const { specificationVersion, provider } = model as Instance
  const version = toVersion(specificationVersion)
  if (!version)
    throw unusable(
      name,
      `speaks ${typeof specificationVersion === 'string' && /^v\d+$/.test(specificationVersion) ? specificationVersion : 'no known version'} of the AI SDK's specification, not ${versions.join(', ')}`,
    )
  return { model: model as Instance, family: familyOf(name, String(provider), version) }
}

const bound = (model: Instance, method: string): Call => {
  const call = model[method]
  if (!isFunction(call)) throw new GatewayError('operation_not_supported')
  return (options) => call.call(model, options) as PromiseLike<Fields>
}

/** Throws GatewayError where the package is missing, is something else, or is of another version. */
export const languageModel = async (
  provider: ProviderConfig,
  id: string,
  secret: Secret | undefined,
  send: Sender,
): Promise<LanguageModel> => {
  const name = provider.package ?? ''
  const instance = await instanceOf(name, provider, secret, send)
  const found = modelFrom(instance, ['languageModel', 'chat'], id, name)
  if (!found) throw unusable(name, 'has no language models')
  const { model, family } = found
  return { family, doGenerate: bound(model, 'doGenerate'), doStream: bound(model, 'doStream') }
}

/** The same for embeddings; throws `operation_not_supported` where the package has none. */
export const embeddingModel = async (
  provider: ProviderConfig,
  id: string,
  secret: Secret | undefined,
  send: Sender,
): Promise<EmbeddingModel> => {
  const name = provider.package ?? ''
  const instance = await instanceOf(name, provider, secret, send)
  const found = modelFrom(instance, ['embeddingModel', 'textEmbeddingModel'], id, name)
  if (!found) throw new GatewayError('operation_not_supported')
  const { model, family } = found
  return { family, doEmbed: bound(model, 'doEmbed'), most: await model.maxEmbeddingsPerCall }
}
