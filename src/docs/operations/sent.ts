import type { ParameterNotes } from './notes.ts'

const header = (name: string, description: string): ParameterNotes => ({
  name,
  in: 'header',
  description,
})

/** Headers of requests that go through the plugins. */
export const switches = [
  header(
    'X-Sluice-Trace',
    '`1`: the answer ends in `openrouter_metadata`: why the call went where it went, what plugins changed (`pipeline`) and how long each took (`plugins`). OpenRouter’s `X-OpenRouter-Metadata: enabled` does the same.',
  ),
  header(
    'X-Sluice-Plugins',
    'Switches plugins for this request, such as `-cache, +hello`; a key of `auth` may switch those of its `plugins`, everybody all where nobody needs a key, and nobody one that keeps strangers out.',
  ),
]

/** The same where the plugin `cache` keeps what is answered. */
export const caching = [
  ...switches,
  header(
    'X-OpenRouter-Cache',
    '`true`: an answer that is kept will do, and this one is kept; `false`: neither.',
  ),
  header('X-OpenRouter-Cache-TTL', 'For how many seconds the answer is kept, 1 to 86400.'),
  header(
    'X-OpenRouter-Cache-Clear',
    '`true`: what is kept for this request is forgotten, and answered anew.',
  ),
]
