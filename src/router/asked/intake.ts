import type { Request } from '../../chat.ts'
import type { Config } from '../../config.ts'
import { GatewayError } from '../../errors.ts'
import { lay } from './lay.ts'
import { parseName, type KnownNames, type ModelName } from './names.ts'
import { bundleOf, presetNamed } from './presets.ts'
import { checkFields } from './request-fields.ts'
import { variantParameters, variantPreferences, withPlugins } from './variants.ts'

type Bundles = Pick<Config, 'providers' | 'presets' | 'variants'>

const nameOf = ({ base, variants }: Pick<ModelName, 'base' | 'variants'>): string =>
  [base, ...variants].join(':')

const layVariants = (request: Request, names: readonly string[], config: Bundles): Request => {
  if (names.length === 0) return request
  const { plugins, ...parameters } = variantParameters(names, config)
  const laid = lay(request, parameters)
  return plugins === undefined ? laid : { ...laid, plugins: withPlugins(request.plugins, plugins) }
}

const noModel = (message: string) =>
  new GatewayError('invalid_request_error', { param: 'model', message })

/** A request without a model asks for the first of `models`. */
const withModel = (request: Request): Request => {
  if (typeof request.model === 'string' && request.model !== '') return request
  const [model, ...models] = request.models ?? []
  if (model === undefined) throw noModel('model: expected string.')
  return { ...request, model, models }
}

/** OpenRouter has presets of its own. */
const isForOpenRouter = (model: string, { providers }: Bundles): boolean =>
  providers.get(model.slice(0, Math.max(model.indexOf('/'), 0)))?.preset === 'openrouter'

const layPreset = (request: Request, name: ModelName, config: Bundles): Request => {
  const named = presetNamed(request, name.preset)
  if (!named) return request
  if (!config.presets.has(named.slug) && isForOpenRouter(name.base, config)) return request
  const { model: itsModel, ...bundle } = bundleOf(named, config)
  const { preset: _applied, ...own } = request
  // what the client wrote after the model says more than what the preset prefers
  const provider = variantPreferences(name.variants, config)
  const laid = lay(own, {
    ...bundle,
    ...(bundle.provider && { provider: { ...bundle.provider, ...provider } }),
  })
  const base = name.base || itsModel
  if (typeof base === 'string') return { ...laid, model: nameOf({ base, variants: name.variants }) }
  const [model, ...models] = laid.models ?? []
  if (model === undefined)
    throw noModel(`The preset "${named.slug}" names no model: give one in model.`)
  return { ...laid, model: nameOf({ base: model, variants: name.variants }), models }
}

const refusePresets = ({ models }: Request, known: KnownNames): void => {
  for (const model of models ?? [])
    if (model.includes('@') && parseName(model, known).preset !== undefined)
      throw new GatewayError('invalid_request_error', {
        param: 'models',
        message: 'models: a preset can be named by model or preset only.',
      })
}

/**
 * What a request asks for once its preset and the parameters of its model's variants are laid under it; the request
 * itself where it has neither. Its fields that speak to the router are checked. Throws `invalid_request_error`, and
 * `model_not_found` for a preset that nobody knows.
 */
export const createIntake =
  (config: Bundles, known: KnownNames) =>
  (asked: Request): Request => {
    checkFields(asked)
    const named = typeof asked.model === 'string' && asked.model !== ''
    const request = named || typeof asked.preset === 'string' ? asked : withModel(asked)
    const name = parseName(request.model ?? '', known)
    const varied = layVariants(request, name.variants, config)
    const laid = layPreset(varied, name, config)
    refusePresets(laid, known)
    if (laid === request) return request
    const full = layVariants(laid, parseName(laid.model, known).variants, config)
    checkFields(full)
    return full
  }
