import type { ProviderConfig } from '../../config.ts'

type Named = Pick<ProviderConfig, 'name' | 'tag' | 'preset' | 'service_tier'>

const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase()

const isPart = (whole: string, base: string): boolean =>
  whole.toLowerCase().startsWith(`${base.toLowerCase()}/`)

/**
 * Whether a name in preferences means the provider: its own name, its tag, or the beginning of the tag, as
 * `google-vertex` means `google-vertex/us-east5`; or its preset's name. A provider of a service tier is meant by its whole
 * tag or its own name only.
 */
export const isNamed = (slug: string, { name, tag, preset, service_tier }: Named): boolean => {
  if (same(slug, name) || same(slug, tag)) return true
  if (service_tier) return false
  return isPart(tag, slug) || (preset !== undefined && same(slug, preset))
}

/** The place of the first name that means the provider, -1 for none. */
export const placeIn = (slugs: readonly string[], provider: Named): number =>
  slugs.findIndex((slug) => isNamed(slug, provider))
