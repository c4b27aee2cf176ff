import type { Call } from '../chat.ts'
import { isObject, listOf } from '../fields.ts'
import { readJson, type JsonText } from '../json.ts'
import { rewrite } from '../splice.ts'

/** What is known of a text besides its words. */
export interface Outgoing {
  /** It is a thought, of which the provider refuses to see another than it signed. */
  readonly signatures?: readonly string[]
}

type Rewrite = (text: string, about: Outgoing) => string

/** Fields whose text no model reads: it is sealed, or a file's bytes. */
const opaque = new Set([
  'b64_json',
  'data',
  'encrypted_content',
  'file_data',
  'signature',
  'thoughtSignature',
  'thought_signature',
])

/** What speaks to the router, not to a model. */
const routed = new Set(['model', 'models', 'plugins', 'provider'])

/** What is said one after the other, after all that holds for the whole conversation. */
const conversation = new Set(['contents', 'input', 'messages', 'prompt'])

const dataUrl = /^data:[^\s,]{0,200},\S*$/

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Whether below that field stands what a model or a client made up, so that no name in it means anything. */
const isFree = (field: string, parent: object): boolean => {
  const type: unknown = Reflect.get(parent, 'type')
  if (field === 'input') return typeof type === 'string' && type.endsWith('tool_use')
  return field === 'args' || field === 'arguments' || field === 'response' || field === 'metadata'
}

const address = /^[a-z][a-z0-9+.-]*:\/\//i

const isOpaque = (field: string, parent: object): boolean => {
  if (!opaque.has(field)) return false
  const value: unknown = Reflect.get(parent, field)
  if (field === 'data' && Reflect.get(parent, 'type') === 'text') return false
  return typeof value !== 'string' || !address.test(value)
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

  /** Also what plugins and formats noted under symbols, which may be the client's own words again. */
  const fieldsOf = (object: object, free: boolean): object => {
    const keys = Reflect.ownKeys(object)
    const late = (key: string | symbol) => typeof key === 'string' && conversation.has(key)
    const changed = new Map<string | symbol, unknown>()
    for (const key of [...keys.filter((one) => !late(one)), ...keys.filter(late)]) {
      const before: unknown = Reflect.get(object, key)
      const field = typeof key === 'string' ? key : ''
      if (!free && isOpaque(field, object)) continue
      const below = free || isFree(field, object)
      const after =
        typeof before === 'string'
          ? textOf(before, aboutOf(field, object))
          : field === 'reasoning_details' && Array.isArray(before)
            ? thoughtsOf(before)
            : walk(before, below)
      if (after !== before) changed.set(key, after)
    }
    const renamed = free && keys.some((key) => typeof key === 'string' && nameOf(key) !== key)
    if (changed.size === 0 && !renamed) return object
    const entries = keys.map((key) => {
      const value = changed.has(key) ? changed.get(key) : Reflect.get(object, key)
      return [typeof key === 'string' && free ? nameOf(key) : key, value] as const
    })
    return Object.fromEntries(entries)
  }

  const thoughtsOf = (details: readonly unknown[]): unknown => {
    const whole = joined(details)
    const next = walk(whole)
    return next === whole ? details : next
  }

  const nameOf = (key: string): string => textOf(key, {})

  const walk = (value: unknown, free = false): unknown => {
    if (typeof value === 'string') return textOf(value, {})
    if (typeof value !== 'object' || value === null) return value
    if (known.has(value)) return known.get(value)
    known.set(value, value)
    const next = Array.isArray(value)
      ? eachOf(value, (item) => walk(item, free))
      : isPlain(value)
        ? fieldsOf(value, free)
        : value
    known.set(value, next)
    return next
  }

  /** A whole body: without what only the router reads. */
  return <T extends object>(body: T): T => {
    const kept = Reflect.ownKeys(body).filter((key) => typeof key === 'string' && routed.has(key))
    const said = { ...body }
    for (const key of kept) Reflect.deleteProperty(said, key)
    const next = walk(said)
    if (next === said) return body
    return { ...body, ...(next as T) }
  }
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
