import type { GenericSchema, InferOutput } from 'valibot'
import type { Middleware, Operation } from './chat.ts'
import type { Host } from './lent.ts'

export * as v from 'valibot'
export {
  attempts,
  caller,
  continuing,
  endpointId,
  hasContent,
  hedged,
  isLook,
  operations,
  route,
  seams,
} from './chat.ts'
export type * from './chat.ts'
export { durationOrZero as duration } from './config/scalars.ts'
export { GatewayError, toGatewayError, type Attempt } from './errors.ts'
export { collect, fold } from './fold.ts'
export { Fork } from './fork.ts'
export type { Host, Store } from './lent.ts'
export { key } from './pipeline.ts'
export { presentedKey } from './presented.ts'
export {
  answer,
  answerWith,
  batchesOf,
  deferred,
  firstContent,
  type Answer,
  type Batch,
} from './stream.ts'
export { mapText, mapTexts, textsOf, type TextMapper } from './text.ts'
export { preferencesSchema } from './preferences.ts'
export { matches } from './router/routes/pattern.ts'
export { patience, usualPatience } from './router/limits/patience.ts'
export { atCandidate, plan, served, type Candidate, type Plan } from './router/plan.ts'

export interface PluginDefinition<Options extends GenericSchema> {
  readonly name: string
  readonly options: Options
  /** What it handles; without it, all that models answer. */
  readonly operations?: readonly Operation[]
  /** Whether, with these options, nobody gets through without a key: what a bind beyond loopback demands. */
  guards?(options: InferOutput<Options>): boolean
  /** Once for each load; returns what wraps every call. */
  setup(options: InferOutput<Options>, host: Host): Middleware | Promise<Middleware>
}

/** A plugin: its options are checked against the schema, with line and column of the YAML, before `setup` runs. */
export const definePlugin = <const Options extends GenericSchema>(
  plugin: PluginDefinition<Options>,
): PluginDefinition<Options> => plugin
