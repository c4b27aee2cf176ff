import type { ProviderConfig } from '../config.ts'
import { presetNamed } from '../providers/presets.ts'
import type { Source } from './source.ts'

/** What the YAML says; where it lists a provider's models, it has no others. */
export const yaml: Source = {
  name: 'yaml',
  facts: ({ facts }, model) => (Object.hasOwn(facts, model) ? facts[model] : undefined),
  models: ({ models }) => (models.length > 0 ? models : undefined),
}

/** Whether nobody sends a bill: the demo, a runtime, or what listens on this machine and wants no key. */
export const isUnbilled = ({ preset, local, api_keys }: ProviderConfig): boolean =>
  (preset !== undefined && presetNamed(preset)?.local === true) || (local && api_keys.length === 0)

const free = { pricing: { prompt: 0, completion: 0 } }

/** The price of what runs on the user's own machine. */
export const unbilled: Source = {
  name: 'local',
  facts: (provider) => (isUnbilled(provider) ? free : undefined),
  models: () => undefined,
}
