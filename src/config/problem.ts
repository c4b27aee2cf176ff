import type { Path, PluginList, Source } from './model.ts'

/** One mistake in a config, and where it stands (both from 1). */
export interface Problem {
  readonly path: string
  readonly message: string
  readonly line?: number
  readonly column?: number
}

/** All mistakes of one config, in the order of the file; `message` has one line for each. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[]
  /** The plugins that could be read all the same: their options can be checked too. */
  readonly plugins: PluginList | undefined

  constructor(file: string, problems: readonly Problem[], plugins?: PluginList) {
    const sorted = problems.toSorted(byPosition)
    super(sorted.map((problem) => showProblem(file, problem)).join('\n'))
    this.name = 'ConfigError'
    this.problems = sorted
    this.plugins = plugins
  }
}

/** A problem at a path of a source, with its line and column if the path is in the text. */
export function problemAt(
  source: Source,
  path: Path,
  message: string,
  part: 'key' | 'value' = 'value',
): Problem {
  return { path: showPath(path), message, ...source.locate(path, part) }
}

/** `plugins[2].max-prompt.characters`; keys that would read badly so are bracketed. */
export function showPath(path: Path): string {
  return path.reduce<string>((shown, step) => {
    if (typeof step === 'number') return `${shown}[${step}]`
    if (!/^[\w/*:@-]+$/.test(step)) return `${shown}[${JSON.stringify(step)}]`
    return shown === '' ? step : `${shown}.${step}`
  }, '')
}

/** `config.yaml:3:5 plugins[0]: what is wrong` */
export function showProblem(file: string, { path, message, line, column }: Problem): string {
  const place = line === undefined ? file : `${file}:${line}:${column ?? 1}`
  return path === '' ? `${place} ${message}` : `${place} ${path}: ${message}`
}

function byPosition(a: Problem, b: Problem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
}
