import type { ProviderConfig } from '../config.ts'

/** Comma-separated lists as one, each name once. */
const merged = (...lists: readonly (string | null | undefined)[]): string => {
  const names = lists.flatMap((list) => (list ?? '').split(',').map((name) => name.trim()))
  return [...new Set(names.filter((name) => name !== ''))].join(',')
}

const none: Readonly<Record<string, string>> = {}

const names = ['anthropic-beta', 'x-anthropic-beta', 'openai-beta']

const named = (name: string, value: string): Record<string, string> =>
  value === '' ? {} : { [name]: value }

/**
 * Betas that a client opts into, for providers that know them; no other header of the client's reaches a provider.
 * @param always betas that the request needs by itself
 */
export const betasFor = (
  { dialects, preset }: ProviderConfig,
  client: Headers,
  always: readonly (string | undefined)[],
): Readonly<Record<string, string>> => {
  if (!always.some(Boolean) && !names.some((name) => client.has(name))) return none
  const anthropic = [client.get('anthropic-beta'), client.get('x-anthropic-beta')]
  const known = dialects.includes('anthropic')
  return {
    ...(dialects.some((name) => name === 'openai' || name === 'responses') &&
      named('openai-beta', merged(client.get('openai-beta')))),
    ...named('anthropic-beta', merged(...(known ? anthropic : []), ...always)),
    // what OpenRouter passes on to Anthropic whatever the format
    ...(preset === 'openrouter' && named('x-anthropic-beta', merged(...anthropic))),
  }
}
