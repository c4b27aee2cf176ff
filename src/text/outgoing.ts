import type { Call } from '../chat.ts'
import { isObject, listOf } from '../fields.ts'
import { readJson, type JsonText } from '../json.ts'
import { rewrite } from '../splice.ts'

/** What is known of a text besides its words. */
export interface Outgoing {
  /** Set for a signed thought, which the provider accepts only as it signed it. */
  readonly signatures?: readonly string[]
}

type Rewrite = (text: string, about: Outgoing) => string

/** Fields that say what a provider sealed: no model reads it. */
const seals = new Set(['encrypted_content', 'signature', 'thoughtSignature', 'thought_signature'])
const sealed = /^[^\s@]*$/

/** Fields of a file's bytes. */
const files = new Set(['b64_json', 'data', 'file_data'])
const base64 = /^[A-Za-z0-9+/=_\r\n-]*$/

/** What speaks to the router, not to a model. */
const routed = new Set(['model', 'models', 'plugins', 'provider'])

/** What is said one after the other, after all that holds for the whole conversation. */
const conversation = new Set(['contents', 'input', 'messages', 'prompt'])

const dataUrl = /^data:(?!(?:text\/[\w.+-]*)?(?:;(?!base64,)[^;,]{0,60}){0,4},)[^\s,]{0,200},\S*$/

const none: ReadonlySet<string> = new Set()

/** Smaller numbers are nobody's. */
const leastNumber = 1_000_000

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Whose names the fields of an object have: the format's, the client's, or the client's all the way down. */
type Names = 'format' | 'own' | 'free'

/** Below these stands what a model or a client made up. */
const free = new Set([
  'args',
  'arguments',
  'const',
  'default',
  'enum',
  'env',
  'example',
  'examples',
  'input_examples',
  'labels',
  'logit_bias',
  'metadata',
  'response',
  'variables',
])

/** In these, each field is named by the client, and says what a schema says. */
const own = new Set([
  '$defs',
  'definitions',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
  'properties',
])

/** As formats name their fields. */
const formatName = /^[$@]?[a-z][\w-]{0,31}$/i

const namesBelow = (field: string, parent: object, names: Names): Names => {
  if (names !== 'format') return names === 'free' ? 'free' : 'format'
  const type: unknown = Reflect.get(parent, 'type')
  if (field === 'input')
    return typeof type === 'string' && type.endsWith('tool_use') ? 'free' : 'format'
  if (free.has(field)) return 'free'
  return own.has(field) ? 'own' : 'format'
}

const isOpaque = (field: string, parent: object): boolean => {
  const value: unknown = Reflect.get(parent, field)
  if (typeof value !== 'string') return false
  if (field === 'data' && Reflect.get(parent, 'type') === 'text') return false
  return (seals.has(field) && sealed.test(value)) || (files.has(field) && base64.test(value))
}

const thoughts = new Set(['reasoning', 'reasoning_content', 'summary', 'text', 'thinking'])

const signatureOf = (value: unknown): readonly string[] => {
  if (!isObject(value)) return []
  const { signature, thought, thoughtSignature } = value
  const signed = isText(signature) ? signature : thought === true ? thoughtSignature : undefined
  return isText(signed) ? [signed] : []
}

/** What a thought was signed with; the sum of thoughts, all that they were signed with one by one. */
const signaturesOf = (field: string, parent: object): readonly string[] => {
  if (!thoughts.has(field)) return []
  const own = signatureOf(parent)
  if (own.length > 0 || !field.startsWith('reasoning')) return own
  return listOf(Reflect.get(parent, 'reasoning_details')).flatMap(signatureOf)
}

const aboutOf = (field: string, parent: object): Outgoing => {
  const signatures = signaturesOf(field, parent)
  return signatures.length > 0 ? { signatures } : {}
}

/** Pieces of one thought as one: clients that only collect chunks send them back as they came. */
const joined = (details: readonly unknown[]): readonly unknown[] => {
  const whole: unknown[] = []
  for (const detail of details) {
    const last = whole.at(-1)
    const goesOn =
      isObject(last) &&
      isObject(detail) &&
      detail.index !== undefined &&
      detail.index === last.index &&
      detail.type === 'reasoning.text' &&
      last.type === detail.type &&
      !isText(last.signature)
    if (!goesOn) whole.push(detail)
    else {
      const text = [last.text, detail.text].filter(isText).join('')
      whole[whole.length - 1] = { ...last, ...detail, text }
    }
  }
  return whole.length === details.length ? details : whole
}

/** Walks everything once: what is one object stays one, and what is left alone keeps its identity. */
const createWalk = (fn: Rewrite) => {
  const known = new Map<object, unknown>()

  const textOf = (text: string, about: Outgoing): string =>
    text === '' || dataUrl.test(text) ? text : fn(text, about)

  const eachOf = (list: readonly unknown[], walkItem: (item: unknown) => unknown): unknown => {
    const next = list.map(walkItem)
    return next.every((item, at) => item === list[at]) ? list : next
  }

  const nameOf = (key: string, names: Names): string =>
    names === 'format' && formatName.test(key) ? key : textOf(key, {})

  /** Also what plugins and formats noted under symbols, which may be the client's own words again. */
  const fieldsOf = (object: object, names: Names, left: ReadonlySet<string> = none): object => {
    const keys = Reflect.ownKeys(object)
    const late = (key: string | symbol) => typeof key === 'string' && conversation.has(key)
    const changed = new Map<string | symbol, unknown>()
    for (const key of [...keys.filter((one) => !late(one)), ...keys.filter(late)]) {
      const before: unknown = Reflect.get(object, key)
      const field = typeof key === 'string' ? key : ''
      if (left.has(field) || (names === 'format' && isOpaque(field, object))) continue
      const after =
        typeof before === 'string'
          ? textOf(before, aboutOf(field, object))
          : field === 'reasoning_details' && Array.isArray(before)
            ? thoughtsOf(before)
            : walk(before, namesBelow(field, object, names))
      if (after !== before) changed.set(key, after)
    }
    const entries = keys.map((key) => {
      const value: unknown = changed.has(key) ? changed.get(key) : Reflect.get(object, key)
      return [typeof key === 'string' ? nameOf(key, names) : key, value] as const
    })
    const renamed = entries.some(([name], at) => name !== keys[at])
    return changed.size === 0 && !renamed ? object : Object.fromEntries(entries)
  }

  const thoughtsOf = (details: readonly unknown[]): unknown => {
    const whole = joined(details)
    const next = walk(whole)
    return next === whole ? details : next
  }

  /** A number that somebody made up may be one of an account, too. */
  const numberOf = (value: number): unknown => {
    if (!Number.isInteger(value) || Math.abs(value) < leastNumber) return value
    const before = String(value)
    const after = textOf(before, {})
    if (after === before) return value
    return String(Number(after)) === after ? Number(after) : after
  }

  const walk = (value: unknown, names: Names = 'format'): unknown => {
    if (typeof value === 'string') return textOf(value, {})
    if (typeof value === 'number') return names === 'free' ? numberOf(value) : value
    if (typeof value !== 'object' || value === null) return value
    if (known.has(value)) return known.get(value)
    known.set(value, value)
    const next = Array.isArray(value)
      ? eachOf(value, (item) => walk(item, names))
      : isPlain(value)
        ? fieldsOf(value, names)
        : value instanceof File
          ? fileOf(value)
          : value
    known.set(value, next)
    return next
  }

  const fileOf = (file: File): File => {
    const name = textOf(file.name, {})
    return name === file.name ? file : new File([file], name, { type: file.type })
  }

  /** A whole body: without what only the router reads. */
  return <T extends object>(body: T): T => fieldsOf(body, 'format', routed) as T
}

const unlimited = { max_depth: Infinity, max_keys: Infinity }

const jsonOf = (json: JsonText, value: JsonText['value']): JsonText =>
  value === json.value ? json : readJson(rewrite(json, value), unlimited)

/**
 * The call with everything in it rewritten that may reach a provider: all texts of the request whatever they are for,
 * and the client's own bytes. What is sealed and what is no text (files, data URLs, base64) stays; so does, with its
 * identity, all that `fn` leaves alone. Texts that hold for the whole conversation come first, then what was said, in
 * order.
 */
export const mapOutgoing = (call: Call, fn: Rewrite): Call => {
  const walk = createWalk(fn)
  const request = walk(call.request)
  const { source } = call
  if (!source) return request === call.request ? call : { ...call, request }
  const asked = source.request === call.request ? request : walk(source.request)
  const json = jsonOf(source.json, walk(source.json.value))
  if (request === call.request && asked === source.request && json === source.json) return call
  return { ...call, request, source: { ...source, request: asked, json } }
}
