import type { GenericSchema, InferOutput } from 'valibot'
import type { Middleware, Operation } from '../chat.ts'
import type { Host } from './host.ts'

/** Where a plugin ought to stand, for `sluice check`. */
export type Order = { readonly why: string } & (
  { readonly outside: string } | { readonly inside: string }
)

export interface PluginDefinition<
  Options extends GenericSchema,
  AskedOptions extends GenericSchema = GenericSchema,
> {
  readonly name: string
  readonly options: Options
  /** What a request may set for itself: `plugins: [{ id, … }]`. */
  readonly asked?: AskedOptions
  /** The `id` there, OpenRouter's where it has one; the name by default. */
  readonly ids?: readonly string[]
  /** Plugins that it should stand outside or inside of, if they are there. */
  readonly order?: readonly Order[]
  /** What it handles; without it, all that models answer. */
  readonly operations?: readonly Operation[]
  /** It guards: a request may switch it on (`plugins: [{ id }]`), and not off. */
  readonly insists?: true
  /** It fails closed: the YAML cannot say that a call goes on without it when it fails. */
  readonly closed?: true
  /** Whether, with these options, nobody gets through without a key: what a bind beyond loopback demands. */
  guards?(options: InferOutput<Options>): boolean
  /** Once for each load; returns what wraps every call. */
  setup(
    options: InferOutput<Options>,
    host: Host<InferOutput<AskedOptions>>,
  ): Middleware | Promise<Middleware>
}

/** A plugin: its options are checked against the schema, with line and column of the YAML, before `setup` runs. */
export const definePlugin = <
  const Options extends GenericSchema,
  const AskedOptions extends GenericSchema = GenericSchema,
>(
  plugin: PluginDefinition<Options, AskedOptions>,
): PluginDefinition<Options, AskedOptions> => plugin
