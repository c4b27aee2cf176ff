import { createHash, timingSafeEqual } from 'node:crypto'
import {
  caller,
  definePlugin,
  GatewayError,
  isLook,
  matches,
  operations,
  preferencesSchema,
  presentedKey,
  v,
  type Call,
  type Caller,
  type Host,
} from 'sluice/plugin'

const hashPattern = /^sha256:[0-9a-f]{64}$/
const hashed = v.pipe(
  v.string(),
  v.regex(hashPattern, 'expected "sha256:" and 64 hexadecimal digits'),
)
const day = v.pipe(
  v.string(),
  v.check((text) => !Number.isNaN(Date.parse(text)), 'expected a date such as 2027-01-01'),
)

const count = v.pipe(v.number(), v.integer(), v.minValue(1))

/** Calls at once of one key: a quarter of what the daemon takes. It is shared, and no key shall fill it. */
const usualConcurrent = 512

const limits = v.strictObject({
  requests: v.exactOptional(count),
  tokens: v.exactOptional(count),
  concurrent: v.optional(count, usualConcurrent),
})

const rights = {
  tags: v.optional(v.record(v.string(), v.string()), {}),
  models: v.optional(v.array(v.string())),
  plugins: v.optional(v.array(v.string())),
  expires: v.optional(day),
  limits: v.optional(limits, {}),
  provider: v.optional(preferencesSchema),
}

const key = v.pipe(
  v.strictObject({
    key: v.optional(v.pipe(v.string(), v.minLength(1))),
    hash: v.optional(hashed),
    ...rights,
  }),
  v.check(
    ({ key, hash }) => (key === undefined) !== (hash === undefined),
    'expected either key or hash',
  ),
)

const options = v.strictObject({ keys: v.optional(v.record(v.string(), key), {}) })

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

/** Wrong keys a second and address before they are answered with 429. */
const tolerated = 10

interface Known {
  readonly digest: Buffer
  readonly caller: Caller
  readonly limits: v.InferOutput<typeof limits>
  readonly expires: number
}

/** Every comparison is made, so that the time says nothing about which key was near. */
const find = (known: readonly Known[], token: string | undefined): Known | undefined => {
  const given = digest(token ?? '')
  let found: Known | undefined
  for (const candidate of known) if (timingSafeEqual(candidate.digest, given)) found = candidate
  return token !== undefined && found && Date.now() < found.expires ? found : undefined
}

const refuse = (host: Host, address: string): GatewayError => {
  const id = `wrong/${address}`
  const times = Number(host.store.get(id) ?? 0) + 1
  host.store.set(id, times, times === 1 ? { ttl: 1_000 } : { keepTtl: true })
  return new GatewayError(times > tolerated ? 'too_many_failures' : 'invalid_api_key')
}

const allow = (call: Call, { models }: Caller, host: Host): void => {
  if (!models || isLook(call.operation)) return
  const { model, models: more = [] } = call.request
  for (const name of [model, ...more]) {
    // the plan leaves those that the key may use
    if (host.stands(name)) continue
    const names = [name, host.canonical(name)]
    if (!names.some((known) => models.some((pattern) => matches(pattern, known))))
      throw new GatewayError('model_not_allowed', { param: 'model' })
  }
}

/** Lets in who has a key. Without keys it lets in everybody, which the server allows on loopback only. */
export default definePlugin({
  name: 'auth',
  options,
  operations,
  guards: ({ keys }) => Object.keys(keys).length > 0,
  setup({ keys }, host) {
    const known = Object.entries(keys).map(
      ([name, { key, hash, tags, models, plugins, provider, expires, limits }]): Known => ({
        digest: hash ? Buffer.from(hash.slice('sha256:'.length), 'hex') : digest(key ?? ''),
        caller: {
          name,
          tags,
          ...(models && { models }),
          ...(plugins && { plugins }),
          ...(provider && { provider }),
        },
        limits,
        expires: expires ? Date.parse(expires) : Infinity,
      }),
    )
    return (call, next) => {
      if (known.length === 0) return next(call)
      const found = find(known, presentedKey(call.headers))
      if (!found) throw refuse(host, call.address())
      allow(call, found.caller, host)
      call.vars.set(caller, found.caller)
      if (!isLook(call.operation)) host.admit(call, found.limits)
      return next(call)
    }
  },
})
