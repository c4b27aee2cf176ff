import type { Call } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import { listOf, objectOf } from '../fields.ts'

const sayable = /^[\w-]{1,40}$/

const said = (id: string): string =>
  id === 'web'
    ? 'online: no plugin searches the web here'
    : `plugins: nothing here does the work of ${id}`

/**
 * What nobody did of what a request asks of OpenRouter's plugins, in words for the client. Who does the work of one
 * takes its entry out of the request; OpenRouter itself does all of them.
 */
export const idlePlugins = (
  { request: { plugins } }: Call,
  { preset }: ProviderConfig,
): readonly string[] => {
  if (plugins === undefined || preset === 'openrouter') return []
  const ids = listOf(plugins)
    .map(objectOf)
    .filter(({ enabled }) => enabled !== false)
    .flatMap(({ id }) => (typeof id === 'string' && sayable.test(id) ? [id] : []))
  return [...new Set(ids)].map(said)
}
