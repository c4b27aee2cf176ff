import type { Request } from '../../chat.ts'
import type { Bundle, Config } from '../../config.ts'
import { GatewayError } from '../../errors.ts'

const sayable = /^[\w-]{1,64}$/

const unknown = (slug: string, param: string, { presets }: Pick<Config, 'presets'>) => {
  const known = [...presets.keys()]
  const names = `${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}`
  return new GatewayError('model_not_found', {
    param,
    message: `${sayable.test(slug) ? `preset "${slug}"` : 'that preset'} is not configured; known: ${names || 'none'}.`,
  })
}

/** A preset that a request names, and where. */
export interface Named {
  readonly slug: string
  readonly param: 'model' | 'preset'
}

/** The preset that a request names. Throws where it names two. */
export const presetNamed = (
  { preset }: Request,
  inModel: string | undefined,
): Named | undefined => {
  if (inModel !== undefined && typeof preset === 'string' && preset !== inModel)
    throw new GatewayError('invalid_request_error', {
      param: 'preset',
      message: 'preset: model names another one; give one of them.',
    })
  if (inModel !== undefined) return { slug: inModel, param: 'model' }
  return typeof preset === 'string' ? { slug: preset, param: 'preset' } : undefined
}

/** What the preset says. Throws `model_not_found` that lists the known ones. */
export const bundleOf = ({ slug, param }: Named, config: Pick<Config, 'presets'>): Bundle => {
  const bundle = config.presets.get(slug)
  if (!bundle) throw unknown(slug, param, config)
  return bundle
}
