import * as v from 'valibot'
import { caller, type Call, type Middleware } from '../chat.ts'
import { attended, notices } from '../told.ts'
import type { PluginTerms } from '../config.ts'
import { invalidAt } from '../errors/invalid.ts'
import { isObject, listOf, type Fields } from '../fields.ts'
import { key } from '../pipeline.ts'
import type { Asked } from './host.ts'
import { switches } from './switches.ts'
import { matches } from '../router/routes/pattern.ts'

/** What is known of a plugin wherever it is asked whether a call is its business. */
export interface Layer {
  readonly name: string
  /** What OpenRouter's `plugins` call it. */
  readonly ids: readonly string[]
  /** What a request may say of it there; without it, nothing. */
  readonly asked?: v.GenericSchema
  /** No request switches it off there. */
  readonly insists?: true
  readonly terms: PluginTerms
}

/** A plugin as it was defined, under the terms of the YAML. */
export const layerOf = (
  name: string,
  { ids = [name], asked, insists }: Partial<Pick<Layer, 'ids' | 'asked' | 'insists'>>,
  terms: PluginTerms,
): Layer => ({ name, ids, ...(asked && { asked }), ...(insists && { insists }), terms })

/** The names of the plugins that a call has gone through, outermost first. */
export const passed = key<Set<string>>('passed plugins', () => new Set())

const nameOf = (model: string): string => model.split('@preset/', 1)[0] ?? model

const isFor = (call: Call, terms: PluginTerms, canonical: (model: string) => string): boolean => {
  if (!terms.for) return true
  const { models, callers, tags } = terms.for
  const who = call.vars.get(caller)
  const fits = (patterns: readonly string[] | undefined, named: readonly string[]) =>
    !patterns || patterns.some((pattern) => named.some((name) => matches(pattern, name)))
  const model = nameOf(call.request.model)
  return (
    fits(callers, who ? [who.name] : []) &&
    Object.entries(tags ?? {}).every(([tag, value]) => who?.tags[tag] === value) &&
    fits(models, [model, canonical(model)])
  )
}

const entriesOf = ({ request: { plugins } }: Call): readonly unknown[] => listOf(plugins)

const isAbout = (entry: unknown, { ids }: Layer): entry is Fields =>
  isObject(entry) && typeof entry.id === 'string' && ids.includes(entry.id)

const mayAsk = ({ asked, terms }: Layer): boolean =>
  asked !== undefined && terms.overrides !== false

/** Whether the call goes through the plugin. */
export const isOn = (call: Call, layer: Layer, canonical: (model: string) => string): boolean => {
  const switched = call.vars.get(switches)?.get(layer.name)
  if (switched === false || !isFor(call, layer.terms, canonical)) return false
  if (switched === true) return true
  if (mayAsk(layer)) {
    const entry = entriesOf(call).findLast((one) => isAbout(one, layer))
    if (entry) return entry.enabled !== false || (layer.insists === true && layer.terms.enabled)
  }
  return layer.terms.enabled
}

/** The options that the YAML lets a request set; the client hears of the others. */
const allowedOf = (call: Call, { name, terms: { overrides } }: Layer, said: Fields): Fields => {
  if (!Array.isArray(overrides)) return said
  const kept = Object.entries(said).filter(([option]) => overrides.includes(option))
  if (kept.length < Object.keys(said).length)
    call.vars.get(notices).push(`${name}: some of its options cannot be set by a request here`)
  return Object.fromEntries(kept)
}

/** Throws GatewayError `invalid_request_error` that names the option. */
export const askedOf = (call: Call, layer: Layer): Asked<unknown> => {
  const entries = entriesOf(call)
  const at = entries.findLastIndex((entry) => isAbout(entry, layer))
  const entry = entries[at]
  if (!layer.asked || at === -1 || !isObject(entry)) return { options: undefined, call }
  for (const id of layer.ids) call.vars.get(attended).add(id)
  const others = entries.filter((one) => !isAbout(one, layer))
  const { plugins: _, ...rest } = call.request
  const without = {
    ...call,
    request: others.length > 0 ? { ...rest, plugins: others } : rest,
  }
  if (!mayAsk(layer)) return { options: undefined, call: without }
  const { id: _id, enabled: _enabled, ...said } = entry
  const checked = v.safeParse(layer.asked, allowedOf(call, layer, said), { abortEarly: true })
  if (checked.success) return { options: checked.output, call: without }
  throw invalidAt(`plugins[${at}]`, checked.issues[0])
}

/** The plugin's middleware for the calls that are its business. */
export const layered =
  (layer: Layer, middleware: Middleware, canonical: (model: string) => string): Middleware =>
  (call, next) => {
    if (!isOn(call, layer, canonical)) return next(call)
    call.vars.get(passed).add(layer.name)
    return middleware(call, next)
  }
