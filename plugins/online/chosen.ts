import { engineNames, type EngineName } from './engines.ts'
import { envOf, keyOf, type Options } from './options.ts'
import type { Wish } from './wishes.ts'

export interface Chosen {
  /** The provider's own search goes before all others. */
  readonly native: boolean
  /** To be asked in order. */
  readonly engines: readonly EngineName[]
  /** The engine that the request asks for is not set up here. */
  readonly unknown: boolean
}

const isUsable = ({ engines }: Options, name: EngineName): boolean =>
  keyOf(name, engines[name]) !== undefined

/** The engine of `auto`: one that the YAML names, one whose key is in the environment, the local one. */
const usual = (options: Options): EngineName =>
  engineNames.find((name) => options.engines[name] && isUsable(options, name)) ??
  engineNames.find((name) => name !== 'searxng' && isUsable(options, name)) ??
  'searxng'

/** Throws where the YAML names an engine that cannot be asked. */
export const checkEngines = (options: Options): void => {
  for (const name of [options.engine].flat())
    if (name !== 'auto' && name !== 'native' && !isUsable(options, name))
      throw new Error(`${name} has no api_key, and ${envOf(name)} is not set`)
}

/** The engines of the YAML, or the one that the request asks for if it can be had. */
export const chosenEngines = (options: Options, { engine: asked }: Wish): Chosen => {
  const isAuto = !asked || asked === 'auto'
  if (asked === 'native') return { native: true, engines: [], unknown: false }
  const named = engineNames.find((name) => name === asked)
  if (named && isUsable(options, named)) return { native: false, engines: [named], unknown: false }
  const { engine } = options
  const list: readonly ('native' | EngineName)[] =
    engine === 'auto' ? ['native', usual(options)] : [engine].flat()
  const engines = list.filter((name): name is EngineName => name !== 'native')
  return { native: list[0] === 'native', engines, unknown: !isAuto }
}
