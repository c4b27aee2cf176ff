import * as v from 'valibot'
import { describe } from './describe.ts'
import { providerSchema } from './provider-schema.ts'
import { presetSchema, routeOptions, routingSchema, variantSchema } from './routing-schema.ts'
import { count, duration, durationOrZero, port, size } from './scalars.ts'

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
  memory: describe(
    v.optional(
      v.strictObject({
        size: describe(v.optional(size, '64mb'), 'All that is kept; the oldest goes first.'),
        age: describe(v.optional(duration, '1h'), 'How long an answer is kept.'),
      }),
      {},
    ),
    'Answers kept in memory for clients of /v1/responses that follow or fetch them.',
  ),
  log: describe(
    v.optional(v.picklist(['auto', 'pretty', 'json', 'silent']), 'auto'),
    'Format of the log; auto is pretty on a terminal and JSON elsewhere.',
  ),
  discover: describe(
    v.optional(v.boolean()),
    'Whether to add local runtimes found on loopback; true unless providers are listed.',
  ),
})

const route_words = 'expected another model to stand for, a list of endpoints, or { endpoints, … }'
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

const endpoints = v.pipe(
  v.array(endpointSchema),
  v.nonEmpty('is an empty list; expected at least one endpoint'),
)

/** A route with more to say than its endpoints. */
export const routeTargetSchema = v.strictObject({
  endpoints: describe(endpoints, 'Endpoints, in order of choice.'),
  models: describe(
    v.exactOptional(v.array(v.pipe(v.string(), v.nonEmpty('is empty')))),
    'Models to try after this one.',
  ),
  offline: describe(
    v.exactOptional(endpoint),
    'The endpoint that is left when no other can be reached: a local model.',
  ),
  ...routeOptions,
})

export const routeSchema = v.union(
  [v.pipe(v.string(), v.nonEmpty('is empty')), endpoints, routeTargetSchema],
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
  routing: describe(v.nullish(routingSchema, {}), 'How endpoints are chosen, for all routes.'),
  variants: describe(
    v.nullish(v.record(v.string(), variantSchema), {}),
    'Bundles of preferences and parameters, asked for as model:name.',
  ),
  presets: describe(
    v.nullish(v.record(v.string(), presetSchema), {}),
    'Parts of requests, asked for as @preset/name.',
  ),
  plugins: describe(
    v.nullish(v.array(pluginSchema)),
    'What every call passes through, outermost first; without this key, what requests may ask for, then fallback.',
  ),
})
