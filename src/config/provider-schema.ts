import * as v from 'valibot'
import { describe } from './describe.ts'
import { factsSchema } from './facts-schema.ts'
import { authNames, dialectNames } from './model.ts'
import { quirksSchema } from './quirks-schema.ts'
import { rateSchema } from './routing-schema.ts'
import { count, credential, duration } from './scalars.ts'

export const timeoutsSchema = v.strictObject({
  connect: describe(v.optional(duration, '5s'), 'Until the connection stands.'),
  first_byte: describe(v.optional(duration, '60s'), 'Until the first byte of the answer.'),
  first_content: describe(
    v.optional(duration, '1800s'),
    'Until the answer says something: a role or a sign of life is nothing, reasoning is something.',
  ),
  stall: describe(v.optional(duration, '300s'), 'Longest silence inside an answer.'),
  total: describe(v.optional(duration, '1800s'), 'The whole attempt.'),
})

const name = v.picklist(dialectNames)
const dialect_words = `expected ${dialectNames.join(', ')}, or a list of them`
const header_words = 'has letters that no header can carry'

export const providerSchema = v.strictObject({
  preset: describe(
    v.exactOptional(v.string()),
    'Preset to start from; a provider called like a preset starts from that one.',
  ),
  dialect: describe(
    v.exactOptional(
      v.union([name, v.pipe(v.array(name), v.nonEmpty('is an empty list'))], dialect_words),
    ),
    'Wire format that the provider speaks, or several, the usual one first; openai by default.',
  ),
  package: describe(
    v.exactOptional(
      v.pipe(v.string(), v.regex(/^[@\w./~-]+$/, 'expected a package such as "@ai-sdk/cohere"')),
    ),
    'Installed provider package of the AI SDK, for dialect: ai-sdk.',
  ),
  settings: describe(
    v.exactOptional(v.record(v.string(), v.unknown())),
    'What the factory of that package is called with, besides apiKey and baseURL.',
  ),
  base_url: describe(
    v.exactOptional(v.pipe(v.string(), v.nonEmpty('is empty'))),
    'What comes before /chat/completions, /responses, /messages or /models; needed without a preset.',
  ),
  api_key: describe(
    v.exactOptional(credential),
    'The key, best as "${NAME}"; a preset takes it from its own variable.',
  ),
  api_keys: describe(
    v.exactOptional(v.pipe(v.array(credential), v.nonEmpty('is empty'))),
    'Several keys, used in turn.',
  ),
  auth: describe(
    v.exactOptional(v.picklist(authNames)),
    'How the key is sent; by default as the preset or the dialect does.',
  ),
  headers: describe(
    v.nullish(
      v.record(
        v.pipe(
          v.string(),
          v.regex(/^[\w!#$%&'*+.^`|~-]+$/, 'is not the name of a header'),
          v.regex(
            /^(?!(?:host|connection|content-length|transfer-encoding)$)/i,
            'is a header that only Sluice can set',
          ),
        ),
        v.pipe(v.string(), v.regex(/^[\t\x20-\x7e\x80-\xff]*$/, header_words)),
      ),
      {},
    ),
    'More headers for every request to it.',
  ),
  models: describe(
    v.exactOptional(
      v.union(
        [
          v.array(v.pipe(v.string(), v.nonEmpty('is empty'))),
          v.record(v.pipe(v.string(), v.nonEmpty('is empty')), v.nullish(factsSchema, {})),
        ],
        'expected a list of models, or a mapping from models to what is known of them',
      ),
    ),
    'Models that it has, as it calls them, and what you know better about them; shown in /v1/models.',
  ),
  timeouts: describe(v.nullish(timeoutsSchema, {}), 'How long to wait for it.'),
  quirks: describe(v.nullish(quirksSchema, {}), 'Where it differs from OpenAI.'),
  max_output_tokens: describe(
    v.exactOptional(
      v.union(
        [count, v.record(v.string(), count)],
        'expected a whole number, or a mapping from models to numbers',
      ),
    ),
    'Most tokens of an answer, for all models or by model; sent where a limit is required.',
  ),
  max_concurrent: describe(v.optional(count, 512), 'Requests to it at once.'),
  limits: describe(
    v.optional(
      v.strictObject({
        ...rateSchema.entries,
        per_key: describe(v.exactOptional(rateSchema), 'The same for each of its keys.'),
      }),
      {},
    ),
    'What it may be sent in a minute; none by default.',
  ),
  queue: describe(v.optional(count, 256), 'Calls that may wait for it.'),
  data_collection: describe(
    v.exactOptional(v.picklist(['allow', 'deny'], 'expected allow or deny')),
    'deny: it keeps no prompts. By default only local runtimes are known not to.',
  ),
  zdr: describe(v.exactOptional(v.boolean()), 'It has zero data retention.'),
  tag: describe(
    v.exactOptional(v.pipe(v.string(), v.nonEmpty('is empty'))),
    'Its full name in preferences, such as google-vertex/us-east5; its own name by default.',
  ),
  service_tier: describe(
    v.exactOptional(v.picklist(['priority', 'flex'], 'expected priority or flex')),
    'Its requests are of this tier; asked for by :nitro, :floor, service_tier or its tag only.',
  ),
  cache_ttl: describe(
    v.exactOptional(duration),
    'How long its prompt cache lives: what a conversation sticks to it for; 5m by default.',
  ),
  probe: describe(
    v.exactOptional(duration),
    'Asks a local runtime so often whether it is there; never by default.',
  ),
})

export type WrittenProvider = v.InferOutput<typeof providerSchema>
