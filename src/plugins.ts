import { existsSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type * as v from 'valibot'
import { inference, type Operation } from './chat.ts'
import {
  checkValue,
  ConfigError,
  problemAt,
  termNames,
  type Config,
  type Path,
  type PluginEntry,
  type PluginList,
  type PluginTerms,
  type Problem,
} from './config.ts'
import { messageOf } from './errors.ts'
import { nearest } from './nearest.ts'
import type { PluginDefinition } from './plugins/definition.ts'

type Definition = PluginDefinition<v.GenericSchema>

export interface LoadedPlugin {
  readonly name: string
  /** Where its options stand in the YAML. */
  readonly at: Path
  readonly file: string
  /** Whether it is one of ours, named as such. */
  readonly builtin: boolean
  readonly definition: Definition
  readonly options: unknown
  readonly terms: PluginTerms
  readonly operations: readonly Operation[]
}

const builtins = resolve(import.meta.dir, '../plugins')

/** The names that a YAML may use without a path. */
export const builtinNames = (): string[] =>
  [...new Bun.Glob('*.ts').scanSync(builtins)]
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -'.ts'.length))
    .sort()

/** A plugin of our own, without options. */
export const builtinDefinition = async (name: string): Promise<Definition> => {
  const { default: definition } = await import(join(builtins, `${name}.ts`))
  return definition
}

const isPath = (name: string): boolean =>
  isAbsolute(name) || name.startsWith('./') || name.startsWith('../')

const fileOf = (name: string, directory: string): string | undefined => {
  if (isPath(name)) {
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

const hasOption = (schema: v.GenericSchema, option: string): boolean =>
  'entries' in schema &&
  typeof schema.entries === 'object' &&
  schema.entries !== null &&
  option in schema.entries

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
    return problem(`the plugin could not be loaded: ${messageOf(error)}`)
  }
  if (!isDefinition(definition))
    return problem('the file’s default export is no definePlugin({ … })')
  const lost = termNames.filter((term) => hasOption(definition.options, term))
  if (lost.length > 0)
    return problem(
      `these names belong to every plugin and cannot be options of its own: ${lost.join(', ')}`,
    )
  const checked = checkValue(definition.options, entry.options, entry.at, source, termNames)
  if ('problems' in checked) return [...checked.problems]
  const { enabled, on_error, for: whose } = entry.terms
  if (definition.guards?.(checked.output) && (!enabled || on_error === 'skip' || whose))
    return problem('it decides who gets in: it cannot have enabled: false, on_error: skip or for')
  if (definition.closed && on_error === 'skip')
    return problem(
      'it fails closed: on_error cannot be "skip", which would send what it could not check',
    )
  return {
    name: definition.name,
    at: entry.at,
    file,
    builtin: dirname(file) === builtins && !isPath(entry.name),
    definition,
    options: checked.output,
    terms: entry.terms,
    operations: definition.operations ?? inference,
  }
}

/** Forgets what a plugin imported from its own folder, so that an edit there counts too. */
const forget = (file: string): void => {
  const folder = dirname(file)
  if (folder === builtins) return
  for (const path of Object.keys(require.cache))
    if (path.startsWith(`${folder}/`) && !path.includes('/node_modules/'))
      delete require.cache[path]
}

const loadAll = async (list: PluginList) => {
  for (const { name } of list.plugins) {
    const file = fileOf(name, list.source.directory)
    if (file !== undefined) forget(file)
  }
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

/** Folders where the plugins that a YAML names ought to be, also those that could not be loaded. */
export const foldersNamed = ({ plugins, source: { directory } }: PluginList): string[] => [
  join(directory, 'plugins'),
  ...plugins.flatMap(({ name }) => (isPath(name) ? [dirname(resolve(directory, name))] : [])),
]

/** Folders to watch for edits: those of plugins that are not the package's own. */
export const foldersOf = (plugins: readonly LoadedPlugin[]): string[] => [
  ...new Set(plugins.flatMap(({ file, builtin }) => (builtin ? [] : [dirname(file)]))),
]
