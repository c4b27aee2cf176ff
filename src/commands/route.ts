import { ConfigError, defaultConfig, loadConfig } from '../config.ts'
import { openDoor } from '../door.ts'
import { GatewayError } from '../errors.ts'
import { buildGateway } from '../gateway.ts'
import { loadWithPlugins } from '../plugins.ts'
import { toDecision, type Decision } from '../router/choice/decision.ts'
import { decide } from '../server/decide.ts'
import { createShared } from '../shared.ts'
import { askDaemon } from './route/daemon.ts'
import { describeDecision } from './route/describe.ts'
import { Refused } from './running-daemon.ts'

export interface RouteCommand {
  readonly model: string | undefined
  /** A JSON file, `-` for standard input. */
  readonly body: string | undefined
  readonly config: string | undefined
  readonly json: boolean
  /** Of a daemon to ask instead. */
  readonly url: string | undefined
  readonly key: string | undefined
}

type Body = Readonly<Record<string, unknown>>

/** sysexits.h */
const usageError = 64
const unreadable = 66
const configurationError = 78

class Mistake extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number) {
    super(message)
    this.exitCode = exitCode
  }
}

const readBody = async ({ body, model }: RouteCommand): Promise<Body> => {
  let given: unknown = {}
  if (body !== undefined)
    try {
      given = JSON.parse(
        await Bun.readableStreamToText((body === '-' ? Bun.stdin : Bun.file(body)).stream()),
      )
    } catch (error) {
      const why = error instanceof SyntaxError ? 'is no JSON' : 'cannot be read'
      throw new Mistake(`${body === '-' ? 'standard input' : body} ${why}`, unreadable)
    }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new Mistake('the body must be a JSON object', unreadable)
  const asked = { ...given, ...(model !== undefined && { model }) }
  if (!('model' in asked) && !('models' in asked) && !('preset' in asked))
    throw new Mistake(
      'name a model, or a request that does: sluice route MODEL --body FILE',
      usageError,
    )
  return asked
}

/** What a process that has just begun would do: nothing was measured yet, and nothing is asked. */
const decideHere = async (file: string | undefined, body: Body): Promise<Decision> => {
  openDoor()
  const { config, plugins } = await loadWithPlugins(async () =>
    file === undefined ? defaultConfig(process.env, []) : loadConfig(file),
  )
  const gateway = await buildGateway(config, plugins, createShared())
  try {
    return toDecision(await decide(gateway, { body }), gateway.stats)
  } finally {
    await gateway.retire()
  }
}

const complain = (message: string, exitCode: number): number => {
  console.error(message)
  return exitCode
}

/** Prints where a request would go and why, without sending it; 0, or 1 when nobody would be asked. */
export const route = async (command: RouteCommand): Promise<number> => {
  const { config, json, url, key } = command
  try {
    const body = await readBody(command)
    const decision = await (url === undefined
      ? decideHere(config, body)
      : askDaemon(url, key, body))
    console.log(
      json
        ? JSON.stringify(decision, null, 2)
        : describeDecision(decision, url === undefined ? 'fresh' : 'running'),
    )
    return 0
  } catch (error) {
    if (error instanceof ConfigError) return complain(error.message, configurationError)
    if (error instanceof Mistake) return complain(`sluice: ${error.message}`, error.exitCode)
    if (error instanceof GatewayError || error instanceof Refused) return complain(error.message, 1)
    throw error
  }
}
