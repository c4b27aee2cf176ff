import type { Fields } from '../../fields.ts'
/** Whose words a package's own options and metadata are. */
export type Kind = 'anthropic' | 'google' | 'openai' | 'openrouter' | 'compatible' | 'other'

/** What is said in a different way by each kind of package and each version of the AI SDK's specification. */
export interface Family {
  readonly kind: Kind
  /** The name under which the package looks for its own options. */
  readonly own: string
  readonly version: Version
}

/** Versions of `LanguageModel` and `EmbeddingModel` in `@ai-sdk/provider`. */
export const versions = ['v2', 'v3', 'v4'] as const
export type Version = (typeof versions)[number]

export const toVersion = (said: unknown): Version | undefined =>
  versions.find((version) => version === said)

export const stringOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined

const camel = (name: string): string =>
  name.replace(/[_-]([a-z])/g, (_, letter: string) => letter.toUpperCase())

const kindOf = (name: string, provider: string): Kind => {
  if (/openai-compatible/.test(name)) return 'compatible'
  if (/openrouter/.test(name)) return 'openrouter'
  if (/anthropic|bedrock/.test(`${name} ${provider}`)) return 'anthropic'
  if (/google|gemini/.test(name)) return 'google'
  return /^@ai-sdk\/(openai|azure)$/.test(name) ? 'openai' : 'other'
}

/**
 * @param name of the package
 * @param provider as the model calls it, such as `anthropic.messages`
 */
export const familyOf = (name: string, provider: string, version: Version): Family => {
  const kind = kindOf(name, provider)
  return { kind, own: camel(provider.split('.')[0]?.trim() ?? ''), version }
}

/** Names under which packages of that kind look for what goes with a message's part. */
const named: Readonly<Record<Kind, readonly string[]>> = {
  anthropic: ['anthropic', 'bedrock', 'amazonBedrock'],
  google: ['google', 'vertex', 'googleVertex'],
  openai: ['openai', 'azure'],
  openrouter: ['openrouter'],
  compatible: [],
  other: [],
}

/** The same options under every name that the package may look for. */
export const optionsFor = ({ kind, own }: Family, options: Fields): Fields =>
  Object.fromEntries([...new Set([...named[kind], own])].map((name) => [name, options]))

/** The format that reasoning details of these packages have. */
export const formatOf = ({ kind }: Family): string => {
  if (kind === 'anthropic') return 'anthropic-claude-v1'
  if (kind === 'google') return 'google-gemini-v1'
  return kind === 'openai' ? 'openai-responses-v1' : 'unknown'
}
