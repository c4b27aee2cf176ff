import type { Preset } from '../providers/preset.ts'
import type { Complain } from './complain.ts'
import type { Env } from './model.ts'

/** An address without trailing slash; `undefined` after a complaint. */
export function toBaseUrl(
  written: string | undefined,
  preset: Preset | undefined,
  env: Env,
  complain: Complain,
): string | undefined {
  if (written === undefined) return preset && fillVariables(preset.base_url, env, complain)
  const url = URL.parse(written)
  const mistake = mistakeIn(url)
  if (mistake !== undefined) complain(['base_url'], mistake)
  return url && mistake === undefined ? url.href.replace(/\/+$/, '') : undefined
}

export function isLoopback(base_url: string): boolean {
  const host = URL.parse(base_url)?.hostname ?? ''
  return /^(?:localhost|.+\.localhost|127(?:\.\d+){3}|\[::1\])$/.test(host)
}

/** Never quotes the address, as it may hold a password. */
function mistakeIn(url: URL | null): string | undefined {
  if (!url || !/^https?:$/.test(url.protocol)) {
    return 'expected an http or https address such as https://llm.example.com/v1'
  }
  if (url.username || url.password) return 'must not hold a password; a key goes into api_key'
  if (url.search || url.hash) return 'must not hold a query or a fragment'
  const [added] = /\/(?:chat\/completions|responses|messages)(?=\/*$)/.exec(url.pathname) ?? []
  if (added !== undefined) return `must end before ${added}, which is added to it`
  return undefined
}

function fillVariables(base_url: string, env: Env, complain: Complain): string | undefined {
  const missing = new Set<string>()
  const filled = base_url.replace(/\{(\w+)\}/g, (_, name: string) => {
    // hosts are often given with their scheme; anything else could lead the key elsewhere
    const value = env[name]?.trim().replace(/^https?:\/\/|\/+$/g, '') ?? ''
    if (!/^[A-Za-z0-9][\w.-]*$/.test(value)) missing.add(name)
    return value
  })
  // Google's global location has a host without its name
  if (missing.size === 0) return filled.replace('//global-aiplatform.', '//aiplatform.')
  complain([], `needs ${[...missing].join(' and ')} in the environment, or a base_url`)
  return undefined
}
