const header = (description: string, example: string | number, required = false) => ({
  description,
  required,
  schema: { type: typeof example === 'number' ? 'integer' : 'string' },
  example,
})

const always = true

const requestId = 'req_0a1b2c3d4e5f60718293a4b5c6d7e8f9'

/** `components.headers` */
export const componentHeaders = {
  'x-request-id': header('This request; name it when you report a problem.', requestId, always),
  'request-id': header('The same, where Anthropic’s SDKs look for it.', requestId, always),
  'x-generation-id': header('This generation.', 'gen-5f0c7d6e9b3a4c218f6d2e1b0a9c8d7e', always),
  'x-sluice-attempts': header('How many sends to providers it took.', 1, always),
  'x-sluice-provider': header('The provider that answered, if one was asked.', 'demo'),
  'x-sluice-model': header('The model as that provider knows it.', 'demo'),
  'x-sluice-warnings': header(
    'What the provider could not be told (tools and settings that it lacks), and what plugins could not do.',
    'tool web_search_20250305 is not available at this provider',
  ),
  'x-openrouter-cache-status': header(
    'Whether the plugin `cache` gave an answer that it kept: HIT or MISS; absent where nobody asked it to.',
    'MISS',
  ),
  'x-openrouter-cache-age': header('How many seconds ago that was answered.', 12),
  'x-openrouter-cache-ttl': header('For how many seconds more it is kept.', 288),
  'x-openrouter-cache-source-id': header(
    'The generation that answered it then.',
    'gen-5f0c7d6e9b3a4c218f6d2e1b0a9c8d7e',
  ),
  'x-sluice-cache': header(
    'How it was found, where not by the very request: `semantic` by its meaning, `in-flight` in an answer that was still coming, `partial` for some of the embeddings, `recording` in a file.',
    'semantic; similarity=0.97',
  ),
  'x-sluice-version': header('The version of Sluice.', '0.1.0', always),
  'x-should-retry': header('Whether sending the same request again may help.', 'false', always),
  'retry-after': header('Seconds to wait before that, where it is known.', 1),
  'retry-after-ms': header('The same in milliseconds.', 1000),
  'x-ratelimit-limit': header('The limit of your own key, where that was reached.', 60),
  'x-ratelimit-remaining': header('What is left of it.', 0),
  'x-ratelimit-reset': header('When it opens again, in milliseconds since 1970.', 1795245971000),
}

export type HeaderName = keyof typeof componentHeaders

/** References to some of them. */
export const headerRefs = (names: readonly HeaderName[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
