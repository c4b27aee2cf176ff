import { existsSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type * as v from 'valibot'
import { type Call, type Chunk, type Middleware, type Operation } from './chat.ts'
import {
  checkValue,
  ConfigError,
  problemAt,
  type Config,
  type PluginEntry,
  type PluginList,
  type Problem,
} from './config.ts'
import { nearest } from './nearest.ts'
import { GatewayError } from './errors.ts'
import type { PluginDefinition } from './plugin.ts'
import { deferred, type Answer } from './stream.ts'

type Definition = PluginDefinition<v.GenericSchema>

export interface LoadedPlugin {
  readonly name: string
  readonly file: string
  readonly definition: Definition
  readonly options: unknown
  readonly operations: readonly Operation[]
}

const builtins = resolve(import.meta.dir, '../plugins')
const inference: readonly Operation[] = ['chat', 'completions', 'embeddings']

/** The names that a YAML may use without a path. */
export const builtinNames = (): string[] =>
  [...new Bun.Glob('*.ts').scanSync(builtins)].map((file) => file.slice(0, -'.ts'.length)).sort()

/** A plugin of our own, without options. */
export const builtinDefinition = async (name: string): Promise<Definition> => {
  const { default: definition } = await import(join(builtins, `${name}.ts`))
  return definition
}

const fileOf = (name: string, directory: string): string | undefined => {
  if (isAbsolute(name) || name.startsWith('./') || name.startsWith('../')) {
    const file = resolve(directory, name)
    return existsSync(file) ? file : undefined
  }
  for (const folder of [builtins, join(directory, 'plugins')]) {
    const file = join(folder, `${name}.ts`)
    if (existsSync(file)) return file
  }
  try {
    return Bun.resolveSync(name, directory)
  } catch {
    return undefined
  }
}

const isDefinition = (value: unknown): value is Definition => {
  const plugin = value as Partial<Definition> | null | undefined
  return (
    typeof plugin?.name === 'string' &&
    typeof plugin.setup === 'function' &&
    typeof plugin.options === 'object'
  )
}

const load = async (
  entry: PluginEntry,
  { source }: PluginList,
): Promise<LoadedPlugin | Problem[]> => {
  const file = fileOf(entry.name, source.directory)
  const problem = (message: string) => [problemAt(source, entry.at, message, 'key')]
  if (file === undefined) {
    const close = nearest(entry.name, builtinNames())
    return problem(
      `no plugin of that name: no built-in (${builtinNames().join(', ')}), file or package${close ? `; did you mean ${close}?` : ''}`,
    )
  }
  let definition: unknown
  try {
    // the version makes Bun read an edited file anew
    const module = await import(`${file}?v=${statSync(file).mtimeMs}`)
    definition = module.default
  } catch (error) {
    return problem(
      `the plugin could not be loaded: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  if (!isDefinition(definition))
    return problem('the file’s default export is no definePlugin({ … })')
  const checked = checkValue(definition.options, entry.options, entry.at, source)
  if ('problems' in checked) return [...checked.problems]
  return {
    name: definition.name,
    file,
    definition,
    options: checked.output,
    operations: definition.operations ?? inference,
  }
}

const loadAll = async (list: PluginList) => {
  const results = await Promise.all(list.plugins.map((entry) => load(entry, list)))
  return {
    plugins: results.flatMap((result) => ('file' in result ? [result] : [])),
    problems: results.flatMap((result) => ('file' in result ? [] : result)),
  }
}

/** The config with its plugins loaded, in their order. Throws ConfigError with all mistakes in both. */
export const loadWithPlugins = async (
  read: () => Promise<Config>,
): Promise<{ readonly config: Config; readonly plugins: readonly LoadedPlugin[] }> => {
  let config: Config
  try {
    config = await read()
  } catch (error) {
    if (!(error instanceof ConfigError) || !error.plugins) throw error
    const { problems } = await loadAll(error.plugins)
    throw new ConfigError(error.plugins.source.file, [...error.problems, ...problems])
  }
  const { plugins, problems } = await loadAll(config)
  if (problems.length > 0) throw new ConfigError(config.source.file, problems)
  return { config, plugins }
}

/** Folders to watch for edits: those of plugins that are not the package's own. */
export const foldersOf = (plugins: readonly LoadedPlugin[]): string[] => [
  ...new Set(plugins.map(({ file }) => dirname(file)).filter((folder) => folder !== builtins)),
]

const blamed = (thrown: unknown, plugin: string): GatewayError =>
  thrown instanceof GatewayError
    ? thrown
    : new GatewayError('plugin_error', {
        message: `The plugin ${plugin} failed.`,
        metadata: { plugin },
        cause: thrown,
      })

const isChunks = (value: unknown): value is AsyncIterable<Chunk> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

/** The middleware, whose mistakes fail its own call only, under its name; what it hands on is not wrapped. */
export const guarded = (plugin: string, middleware: Middleware): Middleware => {
  const failing = (thrown: unknown): Answer =>
    deferred(() => Promise.reject(blamed(thrown, plugin)))
  return (call: Call, next) => {
    let result: unknown
    try {
      result = middleware(call, next)
    } catch (thrown) {
      return failing(thrown)
    }
    if (!isChunks(result)) return failing(new TypeError('a middleware returns an AsyncIterable'))
    if ('batches' in result) return result
    const chunks = result
    return {
      [Symbol.asyncIterator]() {
        const iterator = chunks[Symbol.asyncIterator]()
        return {
          next: () =>
            iterator.next().then(
              (step) => {
                if (!step.done && (typeof step.value !== 'object' || step.value === null))
                  throw blamed(new TypeError('a chunk is an object'), plugin)
                return step
              },
              (thrown) => {
                throw blamed(thrown, plugin)
              },
            ),
          return: async () => (await iterator.return?.()) ?? { done: true, value: undefined },
        }
      },
    }
  }
}
