import { parseArgs } from 'node:util'
import { nearest } from '../nearest.ts'
import { version } from '../version.ts'

export type Values = Readonly<Record<string, string | boolean | undefined>>
type Options = Readonly<
  Record<
    string,
    { readonly type: 'string' | 'boolean'; readonly short?: string; readonly help: string }
  >
>

export interface Command {
  readonly help: string
  readonly options: Options
  /** The word that may follow the command, or the words. */
  readonly argument?: string
  /** Comes back with the exit code, or nothing when it keeps running. */
  run(values: Values, ...words: readonly string[]): Promise<number | undefined>
}

/** The page that says what there is. */
export const helpFor = (commands: Readonly<Record<string, Command>>): string => {
  const lines = Object.entries(commands).flatMap(([name, { help, options, argument }]) => [
    `  ${name.padEnd(8)} ${help}${argument ? ` (${name} ${argument})` : ''}`,
    ...Object.entries(options).map(([option, { help, short }]) => {
      const flags = `${short ? `-${short}, ` : '    '}--${option}`
      return `           ${flags.padEnd(18)} ${help}`
    }),
  ])
  return [
    `sluice ${version}: an LLM gateway that you run yourself`,
    '',
    'Usage: sluice <command> [options]',
    '',
    ...lines,
    '',
    '  --help, -h       this page',
    '  --version, -v    the version',
    '',
    'First answer, no key needed: sluice start',
  ].join('\n')
}

interface Parsed {
  readonly values: Values
  readonly words: readonly string[]
}

/** What the words after a command mean to it, or what is wrong with them. */
export const readArguments = (
  args: readonly string[],
  { options, argument }: Command,
): Parsed | string => {
  const known = Object.keys(options).map((option) => `--${option}`)
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: argument !== undefined,
    })
    if (positionals.length > (argument?.split(' ').length ?? 0)) return `one ${argument} at a time`
    return { values, words: positionals }
  } catch {
    for (const arg of args) {
      const flag = arg.split('=')[0] ?? ''
      if (!flag.startsWith('-')) continue
      if (known.includes(flag) || Object.values(options).some(({ short }) => `-${short}` === flag))
        continue
      const close = nearest(flag, known)
      return `unknown option ${flag}${close ? `; did you mean ${close}?` : ''}`
    }
    return 'an option lacks its value, or there is one word too many'
  }
}
