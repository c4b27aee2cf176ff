#!/usr/bin/env bun
import { helpFor, readArguments, type Command, type Values } from './commands/command.ts'
import { nearest } from './nearest.ts'
import { raiseRequestLimit } from './request-limit.ts'
import { version } from './version.ts'

const config = {
  type: 'string',
  short: 'c',
  help: 'the YAML file (default: $SLUICE_CONFIG; without one, what the environment offers)',
} as const

const key = {
  type: 'string',
  help: 'a key of the auth plugin (default: $SLUICE_API_KEY)',
} as const

const text = (value: string | boolean | undefined) =>
  typeof value === 'string' ? value : undefined
const keyOf = (values: Values) => text(values.key) ?? (process.env.SLUICE_API_KEY || undefined)
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
      key,
    },
    run: async (values, model) => {
      const { route } = await import('./commands/route.ts')
      return route({
        model,
        body: text(values.body),
        config: fileOf(values),
        json: values.json === true,
        url: text(values.url),
        key: keyOf(values),
      })
    },
  },
  models: {
    help: 'list what can be asked for: price, context, providers, health',
    argument: 'QUERY',
    options: {
      config,
      json: { type: 'boolean', help: 'print them as JSON, with their endpoints' },
      url: { type: 'string', help: 'a running daemon (default: that of the config, if it runs)' },
      key,
    },
    run: async (values, query) => {
      const { models } = await import('./commands/models.ts')
      return models({
        query,
        config: fileOf(values),
        url: text(values.url),
        key: keyOf(values),
        json: values.json === true,
        env: process.env,
      })
    },
  },
  connect: {
    help: 'point a coding agent here, or list those found',
    argument: 'AGENT',
    options: {
      model: { type: 'string', short: 'm', help: 'the model that it shall use' },
      url: { type: 'string', help: 'where Sluice listens (default: http://127.0.0.1:4747)' },
      key,
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
  plugin: {
    help: 'new: write a plugin of your own and its test, which pass',
    argument: 'new NAME',
    options: {
      config: { ...config, help: 'the YAML beside which it goes (default: here)' },
    },
    run: async (values, action, name) => {
      const { plugin } = await import('./commands/plugin.ts')
      return plugin({ action, name, config: fileOf(values) })
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

const complain = (message: string): number => {
  console.error(`sluice: ${message}\nSee sluice --help.`)
  return 64
}

const main = async (args: readonly string[]): Promise<number | undefined> => {
  const [name = '--help', ...rest] = args
  if (name === '--help' || name === '-h' || name === 'help')
    return (console.log(helpFor(commands)), 0)
  if (name === '--version' || name === '-v') return (console.log(version), 0)
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    const close = nearest(name, Object.keys(commands))
    return complain(`unknown command ${name}${close ? `; did you mean ${close}?` : ''}`)
  }
  const parsed = readArguments(rest, command)
  if (typeof parsed === 'string') return complain(parsed)
  if (parsed.values.help) return (console.log(helpFor(commands)), 0)
  return command.run(parsed.values, ...parsed.words)
}

const code = await main(process.argv.slice(2))
// not process.exit: what was printed into a pipe must all arrive
if (code !== undefined) process.exitCode = code
