/** What Sluice knows by itself after a model's colon; a variant of the YAML may replace any of them. */
export const builtInVariants = [
  'nitro',
  'floor',
  'free',
  'online',
  'thinking',
  'extended',
  'exacto',
] as const
export type BuiltInVariant = (typeof builtInVariants)[number]

/** Variants that are models of their own where a provider has them. */
const staticVariants: ReadonlySet<string> = new Set(['free', 'thinking', 'extended'])

/** What decides whether a colon ends a model's name. */
export interface KnownNames {
  /** Whether a variant has this name. */
  variant(name: string): boolean
  /** Whether exactly this is a route or a model: then no part of it is a variant. */
  exists(model: string): boolean
}

/** A model as a client writes it, taken apart. */
export interface ModelName {
  /** The name without its suffixes; '' where only a preset is named. */
  readonly base: string
  /** Each once, as written. */
  readonly variants: readonly string[]
  /** The name after `@preset/`. */
  readonly preset?: string
}

/** What a preset's name stands after. */
export const presetMark = '@preset/'

/** More suffixes than anybody means: the work for a name is bounded. */
const mostVariants = 16

interface Cut {
  readonly stem: string
  readonly variants: readonly string[]
}

/** Takes known variants off the end until what is left exists. */
const cutVariants = (written: string, known: KnownNames): Cut => {
  const variants: string[] = []
  let stem = written
  while (variants.length < mostVariants) {
    const colon = stem.lastIndexOf(':')
    if (colon <= 0 || known.exists(stem)) break
    const name = stem.slice(colon + 1)
    if (!known.variant(name)) break
    variants.unshift(name)
    stem = stem.slice(0, colon)
  }
  return { stem, variants: [...new Set(variants)] }
}

/** `model:nitro:free` is `model:free`, fast, where `model:free` exists. */
const parseVariants = (written: string, known: KnownNames): ModelName => {
  const { stem, variants } = cutVariants(written, known)
  const others = variants.filter((name) => name !== 'online')
  const offline = [stem, ...others].join(':')
  if (others.length > 0 && others.length < variants.length && known.exists(offline))
    return { base: offline, variants: ['online'] }
  const own = variants.find((name) => staticVariants.has(name) && known.exists(`${stem}:${name}`))
  return own === undefined
    ? { base: stem, variants }
    : { base: `${stem}:${own}`, variants: variants.filter((name) => name !== own) }
}

const noVariants: readonly string[] = []

/** Takes `author/slug:variant:variant@preset/slug` apart; a colon or an at sign of the model's own name stays. */
export const parseName = (written: string, known: KnownNames): ModelName => {
  // most names are no more than that
  if (!written.includes(':') && !written.includes('@'))
    return { base: written, variants: noVariants }
  const mark = written.indexOf(presetMark)
  if (mark === -1 || known.exists(written)) return parseVariants(written, known)
  const model = parseVariants(written.slice(0, mark), known)
  const preset = cutVariants(written.slice(mark + presetMark.length), known)
  return {
    base: model.base,
    variants: [...new Set([...model.variants, ...preset.variants])],
    preset: preset.stem,
  }
}
