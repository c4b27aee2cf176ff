#!/usr/bin/env bun
import { parseArgs } from 'node:util'
import { nearest } from './nearest.ts'
import { raiseRequestLimit } from './request-limit.ts'
import { version } from './version.ts'

type Values = Readonly<Record<string, string | boolean | undefined>>
type Options = Readonly<
  Record<
    string,
    { readonly type: 'string' | 'boolean'; readonly short?: string; readonly help: string }
  >
>

interface Command {
  readonly help: string
  readonly options: Options
  /** A word that may follow the command. */
  readonly argument?: string
  /** Comes back with the exit code, or nothing when it keeps running. */
  run(values: Values, argument?: string): Promise<number | undefined>
}

const config = {
  type: 'string',
  short: 'c',
  help: 'the YAML file (default: $SLUICE_CONFIG; without one, what the environment offers)',
} as const

const text = (value: string | boolean | undefined) =>
  typeof value === 'string' ? value : undefined
const fileOf = (values: Values) => text(values.config) ?? (process.env.SLUICE_CONFIG || undefined)

const commands: Readonly<Record<string, Command>> = {
  start: {
    help: 'run the daemon',
    options: {
      config,
      port: {
        type: 'string',
        short: 'p',
        help: 'listen here instead of server.port; 0 takes a free one',
      },
      host: { type: 'string', help: 'listen on this address instead of server.host' },
    },
    run: async (values) => {
      raiseRequestLimit()
      const { start } = await import('./commands/start.ts')
      return start({ file: fileOf(values), host: text(values.host), port: text(values.port) })
    },
  },
  init: {
    help: 'write a config from the keys and runtimes found here',
    options: {
      config: { ...config, help: 'the file to write (default: config.yaml)' },
      force: { type: 'boolean', help: 'overwrite a file that exists' },
      yes: { type: 'boolean', short: 'y', help: 'ask nothing, take the defaults' },
    },
    run: async (values) => {
      const { init } = await import('./commands/init.ts')
      const { configSchema } = await import('./commands/schema.ts')
      return init({
        schema: await configSchema(),
        file: text(values.config) ?? 'config.yaml',
        force: values.force === true,
        yes: values.yes === true,
        env: process.env,
      })
    },
  },
  check: {
    help: 'validate a config; print its providers, routes and plugins',
    options: { config },
    run: async (values) => {
      const { check } = await import('./commands/check.ts')
      return check(fileOf(values))
    },
  },
  route: {
    help: 'show where a request would go and why, sending nothing',
    argument: 'MODEL',
    options: {
      config,
      body: { type: 'string', short: 'b', help: 'a chat request in JSON; - reads standard input' },
      json: { type: 'boolean', help: 'print the decision as JSON' },
      url: {
        type: 'string',
        help: 'ask a running daemon, which has measured: http://127.0.0.1:4747',
      },
      key: { type: 'string', help: 'a key of its auth plugin (default: $SLUICE_API_KEY)' },
    },
    run: async (values, model) => {
      const { route } = await import('./commands/route.ts')
      return route({
        model,
        body: text(values.body),
        config: fileOf(values),
        json: values.json === true,
        url: text(values.url),
        key: text(values.key) ?? (process.env.SLUICE_API_KEY || undefined),
      })
    },
  },
  connect: {
    help: 'point a coding agent here, or list those found',
    argument: 'AGENT',
    options: {
      model: { type: 'string', short: 'm', help: 'the model that it shall use' },
      url: { type: 'string', help: 'where Sluice listens (default: http://127.0.0.1:4747)' },
      key: { type: 'string', help: 'a key of the auth plugin (default: $SLUICE_API_KEY)' },
      write: { type: 'boolean', help: 'do it without asking' },
      print: { type: 'boolean', help: 'only show the change' },
      undo: { type: 'boolean', help: 'take it back' },
      'config-dir': { type: 'string', help: "the agent's own folder" },
    },
    run: async (values, agent) => {
      const { connect } = await import('./commands/connect.ts')
      return connect({
        agent,
        model: text(values.model),
        url: text(values.url),
        key: text(values.key),
        dir: text(values['config-dir']),
        write: values.write === true,
        print: values.print === true,
        undo: values.undo === true,
        env: process.env,
      })
    },
  },
  catalog: {
    help: 'update: get the list of models and prices of models.dev',
    argument: 'update',
    options: {
      url: { type: 'string', help: 'a mirror (default: https://models.dev/api.json)' },
    },
    run: async (values, action) => {
      const { catalog } = await import('./commands/catalog.ts')
      return catalog({ action, url: text(values.url), env: process.env })
    },
  },
  schema: {
    help: 'print the JSON Schema of the config, for editors',
    options: {},
    run: async () => {
      const { schema } = await import('./commands/schema.ts')
      return schema()
    },
  },
}

const help = (): string => {
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

const complain = (message: string): number => {
  console.error(`sluice: ${message}\nSee sluice --help.`)
  return 64
}

interface Parsed {
  readonly values: Values
  readonly argument?: string | undefined
}

const parse = (args: readonly string[], { options, argument }: Command): Parsed | string => {
  const known = Object.keys(options).map((option) => `--${option}`)
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: argument !== undefined,
    })
    if (positionals.length > 1) return `one ${argument} at a time`
    return { values, argument: positionals[0] }
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

const main = async (args: readonly string[]): Promise<number | undefined> => {
  const [name = '--help', ...rest] = args
  if (name === '--help' || name === '-h' || name === 'help') return (console.log(help()), 0)
  if (name === '--version' || name === '-v') return (console.log(version), 0)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    const close = nearest(name, Object.keys(commands))
    return complain(`unknown command ${name}${close ? `; did you mean ${close}?` : ''}`)
  }
  const parsed = parse(rest, command)
  if (typeof parsed === 'string') return complain(parsed)
  if (parsed.values.help) return (console.log(help()), 0)
  return command.run(parsed.values, parsed.argument)
}

const code = await main(process.argv.slice(2))
// not process.exit: what was printed into a pipe must all arrive
if (code !== undefined) process.exitCode = code
