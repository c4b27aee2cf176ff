import { presetNamed } from '../providers/presets.ts'
import type { Env, ProviderConfig } from './model.ts'

export interface Starter {
  readonly host: string
  readonly port: number
  readonly providers: readonly ProviderConfig[]
  /** `sha256:<hex>` of the key that clients must send; without it the daemon is open. */
  readonly hash?: string
}

/** A commented first config; keys of providers stay in the environment. */
export function starterYaml({ host, port, providers, hash }: Starter, env: Env): string {
  return `# yaml-language-server: $schema=./sluice.schema.json
#
# Written by \`sluice init\`. The manual, with every key and its default, is config.example.yaml.
# \`sluice check\` validates this file; a running daemon takes it up as soon as you save it.

server:
  host: ${JSON.stringify(host)}
  port: ${port}

${providerLines(providers, env)}

routes:                        # model that clients ask for: where it goes, in order
  # fast: [groq/llama-3.3-70b-versatile, openai/gpt-4o-mini]
  # "openai/*": [openai, openrouter/openai/*]

plugins:                       # what every call passes through, outermost first
${authLines(hash)}
  - fallback                   # tries the next endpoint when one fails
`
}

/** Without providers the key stays away, so that Sluice goes on looking for them at every start. */
function providerLines(providers: readonly ProviderConfig[], env: Env): string {
  if (providers.length === 0) {
    return `# providers:                   # none was found; those of the environment are used
#   openai:                    # key from OPENAI_API_KEY
#   box: { base_url: "http://127.0.0.1:8080/v1", models: [my-model] }`
  }
  return ['providers:', ...providers.map((provider) => providerLine(provider, env))].join('\n')
}

function providerLine(provider: ProviderConfig, env: Env): string {
  const { name, base_url, local } = provider
  const moved = local && presetNamed(name)?.base_url !== base_url
  const line = `  ${name}:${moved ? ` { base_url: ${JSON.stringify(base_url)} }` : ''}`
  return `${line.padEnd(30)} # ${whence(provider, env)}`
}

/** Which variable holds the key of a provider, or what a local runtime has. */
export function whence({ name, models, auth }: ProviderConfig, env: Env): string {
  const { env: names = [], otherwise } = presetNamed(name) ?? {}
  const variable = names.find((key) => env[key]?.trim()) ?? otherwise?.key.match(/\w+(?=\})/)?.[0]
  if (variable !== undefined && auth !== 'none') return `key from ${variable}`
  const more = models.length > 3 ? `, … (${models.length})` : ''
  return models.length > 0 ? `has ${models.slice(0, 3).join(', ')}${more}` : 'no key needed'
}

function authLines(hash: string | undefined): string {
  if (hash === undefined) {
    return `  # - auth: { keys: { laptop: { key: "\${LAPTOP_KEY}" } } }  # without it, loopback is open`
  }
  return `  - auth:                      # whom to let in
      keys:
        default:               # the key itself is not kept; \`sluice init\` showed it once
          hash: ${JSON.stringify(hash)}`
}
