import * as v from 'valibot'
import { dialectNames } from './model.ts'
import { count, duration, durationOrZero, key, port, size } from './scalars.ts'

const host_words = 'expected a host name or an IP address'

export const serverSchema = v.strictObject({
  host: describe(
    v.optional(v.pipe(v.string(), v.regex(/^[\w.:[\]%-]+$/, host_words)), '127.0.0.1'),
    'Address to listen on. Anything but loopback needs the auth plugin.',
  ),
  port: describe(v.optional(port, 4747), 'Port to listen on; 0 takes any free one.'),
  hosts: describe(
    v.optional(
      v.array(
        v.pipe(
          v.string(),
          v.regex(/^[^\s/@?#]+$/, 'expected a host name such as llm.example.com, without scheme'),
        ),
      ),
      [],
    ),
    'Names besides loopback under which clients may address Sluice.',
  ),
  origins: describe(
    v.optional(
      v.array(
        v.pipe(
          v.string(),
          v.regex(
            /^(?:\*|https?:\/\/[^\s/@?#]+)$/,
            'expected an origin such as https://app.example.com, or "*"',
          ),
        ),
      ),
      [],
    ),
    'Web pages that may call Sluice from a browser (CORS); none by default.',
  ),
  max_body: describe(v.optional(size, '20mb'), 'Largest request body.'),
  max_depth: describe(v.optional(count, 64), 'Deepest nesting of a JSON body.'),
  max_keys: describe(v.optional(count, 20_000), 'Most keys in a JSON body.'),
  heartbeat: describe(
    v.optional(duration, '10s'),
    'Silence on a stream after which a comment keeps it open.',
  ),
  write_timeout: describe(
    v.optional(duration, '60s'),
    'A client that takes no byte for so long is cut off.',
  ),
  drain: describe(
    v.optional(durationOrZero, '30s'),
    'How long calls in flight may go on after SIGTERM.',
  ),
  max_in_flight: describe(v.optional(count, 2048), 'Calls at once; more are answered with 503.'),
  log: describe(
    v.optional(v.picklist(['auto', 'pretty', 'json', 'silent']), 'auto'),
    'Format of the log; auto is pretty on a terminal and JSON elsewhere.',
  ),
  discover: describe(
    v.optional(v.boolean()),
    'Whether to add local runtimes found on loopback; true unless providers are listed.',
  ),
})

export const timeoutsSchema = v.strictObject({
  connect: describe(v.optional(duration, '5s'), 'Until the connection stands.'),
  first_byte: describe(v.optional(duration, '60s'), 'Until the first byte of the answer.'),
  stall: describe(v.optional(duration, '300s'), 'Longest silence inside an answer.'),
  total: describe(v.optional(duration, '1800s'), 'The whole attempt.'),
})

const range_words = 'expected [least, most]'

export const quirksSchema = v.strictObject({
  rename: describe(
    v.exactOptional(v.record(v.string(), v.pipe(v.string(), v.nonEmpty('is empty')))),
    'Request parameters that this provider calls by another name.',
  ),
  drop: describe(v.exactOptional(v.array(v.string())), 'Request parameters never sent.'),
  force: describe(
    v.exactOptional(v.record(v.string(), v.unknown())),
    'Request parameters always sent with these values.',
  ),
  clamp: describe(
    v.exactOptional(
      v.record(
        v.string(),
        v.pipe(
          v.strictTuple([v.number(), v.number()], range_words),
          v.check(([least, most]) => least <= most, 'has a least above its most'),
        ),
      ),
    ),
    'Numbers kept within [least, most].',
  ),
  flatten_content: describe(
    v.exactOptional(v.boolean()),
    'Send lists of text parts as one string.',
  ),
  stream_options: describe(
    v.exactOptional(v.boolean()),
    'false: never ask for usage in a stream, for providers that refuse the parameter.',
  ),
})

const header_words = 'has letters that no header can carry'

export const providerSchema = v.strictObject({
  preset: describe(
    v.exactOptional(v.string()),
    'Preset to start from; a provider called like a preset starts from that one.',
  ),
  dialect: describe(
    v.exactOptional(
      v.union(
        [
          v.picklist(dialectNames),
          v.pipe(v.array(v.picklist(dialectNames)), v.nonEmpty('is an empty list')),
        ],
        `expected ${dialectNames.join(', ')}, or a list of them`,
      ),
    ),
    'Wire format that the provider speaks, or several, the usual one first; openai by default.',
  ),
  base_url: describe(
    v.exactOptional(v.pipe(v.string(), v.nonEmpty('is empty'))),
    'Address below which /chat/completions stands; needed without a preset.',
  ),
  api_key: describe(
    v.exactOptional(key),
    'The key, best as "${NAME}"; a preset takes it from its own variable.',
  ),
  api_keys: describe(
    v.exactOptional(v.pipe(v.array(key), v.nonEmpty('is empty'))),
    'Several keys, used in turn.',
  ),
  auth: describe(
    v.exactOptional(v.picklist(['bearer', 'x-api-key', 'api-key', 'none'])),
    'How the key is sent; bearer by default.',
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
    v.exactOptional(v.array(v.pipe(v.string(), v.nonEmpty('is empty')))),
    'Models that it has, as it calls them; shown in /v1/models.',
  ),
  timeouts: describe(v.nullish(timeoutsSchema, {}), 'How long to wait for it.'),
  quirks: describe(v.nullish(quirksSchema, {}), 'Where it differs from OpenAI.'),
  max_concurrent: describe(v.optional(count, 512), 'Requests to it at once.'),
})

export type WrittenProvider = v.InferOutput<typeof providerSchema>

const route_words = 'expected another model to stand for, or a list of endpoints'
const endpoint = v.pipe(v.string(), v.nonEmpty('is empty'))

export const endpointSchema = v.union(
  [
    endpoint,
    v.strictObject({
      endpoint: describe(endpoint, 'provider, or provider/model.'),
      weight: describe(
        v.exactOptional(
          v.pipe(
            v.number('expected a number above 0'),
            v.finite('expected a number above 0'),
            v.gtValue(0, 'expected a number above 0'),
          ),
        ),
        'Share of the calls; 1 for the others once one has it, and without any they go in order.',
      ),
    }),
  ],
  'expected provider/model, or { endpoint, weight }',
)

export const routeSchema = v.union(
  [
    v.pipe(v.string(), v.nonEmpty('is empty')),
    v.pipe(v.array(endpointSchema), v.nonEmpty('is an empty list; expected at least one endpoint')),
  ],
  route_words,
)

export const pluginSchema = v.union(
  [v.pipe(v.string(), v.nonEmpty('is empty')), v.record(v.string(), v.unknown())],
  'expected the name of a plugin, or one name with its options',
)

/** The whole file; the sections are checked one by one, so that all mistakes are found. */
export const configSchema = v.strictObject({
  server: describe(v.nullish(serverSchema, {}), 'Where Sluice listens, and its limits.'),
  providers: describe(
    v.nullish(v.record(v.string(), v.nullish(providerSchema, {}))),
    'Hosts of models by name; without this key, those whose keys are in the environment.',
  ),
  routes: describe(
    v.nullish(v.record(v.string(), routeSchema), {}),
    'Models by the name clients ask for; a name may hold one "*".',
  ),
  plugins: describe(
    v.nullish(v.array(pluginSchema), ['fallback']),
    'What every call passes through, outermost first.',
  ),
})

function describe<const S extends v.GenericSchema>(schema: S, text: string) {
  return v.pipe(schema, v.description(text))
}
