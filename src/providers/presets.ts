import type { Preset } from './preset.ts'
import { clouds } from './presets/clouds.ts'
import { gateways } from './presets/gateways.ts'
import { hosts } from './presets/hosts.ts'
import { makers } from './presets/makers.ts'
import { runtimes } from './presets/runtimes.ts'

/** Each by its name. Sources: models.dev (2026-07-02), LiteLLM, Portkey, vendors' pages. */
export const presets: Readonly<Record<string, Preset>> = {
  ...makers,
  ...clouds,
  ...hosts,
  ...gateways,
  ...runtimes,
}

/** The preset of that name; safe for names that every object inherits. */
export function presetNamed(name: string): Preset | undefined {
  return Object.hasOwn(presets, name) ? presets[name] : undefined
}
