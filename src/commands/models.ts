import { ConfigError, defaultConfig, loadConfig, type Config, type Env } from '../config.ts'
import { isObject, listOf, type Fields } from '../fields.ts'
import { probeLocalRuntimes } from '../providers/discover.ts'
import { modelsHere } from './models/here.ts'
import { modelTable } from './models/table.ts'
import { askRunning, Refused } from './running-daemon.ts'

export interface ModelsCommand {
  /** Words in the id or the name. */
  readonly query: string | undefined
  readonly config: string | undefined
  /** Of a daemon; without it, the one of the config is asked, if it runs. */
  readonly url: string | undefined
  readonly key: string | undefined
  readonly json: boolean
  readonly env: Env
}

/** sysexits.h */
const configurationError = 78

const readConfig = async (file: string | undefined, env: Env): Promise<Config> => {
  const read = (discovered: Awaited<ReturnType<typeof probeLocalRuntimes>>) =>
    file === undefined ? defaultConfig(env, discovered) : loadConfig(file, env, discovered)
  const config = await read([])
  return config.server.discover ? read(await probeLocalRuntimes()) : config
}

const addressOf = ({ server: { host, port } }: Config): string => {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

interface Found {
  readonly models: readonly Fields[]
  /** Whether a daemon told them. */
  readonly seen: boolean
}

const listIn = (answer: unknown): readonly Fields[] => {
  if (!isObject(answer) || answer.object !== 'list' || !Array.isArray(answer.data))
    throw new Refused('the daemon answered with something else')
  return listOf(answer.data).filter(isObject)
}

const find = async (command: ModelsCommand): Promise<Found> => {
  const { config: file, key, env, query } = command
  const words = new URLSearchParams(query === undefined ? {} : { q: query })
  const path = `/v1/models?${new URLSearchParams([...words, ['endpoints', 'true']])}`
  const ask = (url: string) => askRunning({ url, key, path })
  if (command.url !== undefined) {
    const answer = await ask(command.url)
    if (answer === undefined) throw new Refused(`no Sluice answers at ${command.url}`)
    return { models: listIn(answer), seen: true }
  }
  const config = await readConfig(file, env)
  const answer = config.server.port === 0 ? undefined : await ask(addressOf(config))
  return answer === undefined
    ? { models: await modelsHere(config, words, env), seen: false }
    : { models: listIn(answer), seen: true }
}

const complain = (message: string, exitCode: number): number => {
  console.error(message)
  return exitCode
}

/** Prints the models that can be asked for; 0, or 1 when there are none, or the daemon does not tell. */
export const models = async (command: ModelsCommand): Promise<number> => {
  const { query, json, env } = command
  try {
    const { models, seen } = await find(command)
    if (json) console.log(JSON.stringify(models, null, 2))
    if (models.length === 0)
      return complain(
        query === undefined ? 'No models.' : 'No model is called anything like it.',
        1,
      )
    if (json) return 0
    const { isTTY, columns } = process.stdout
    const look = { width: isTTY ? columns : undefined, colours: isTTY && !env.NO_COLOR, seen }
    for (const line of modelTable(models, look)) console.log(line)
    if (!seen)
      console.error(
        'No daemon runs: nothing was measured, and only runtimes on this machine were asked.',
      )
    return 0
  } catch (error) {
    if (error instanceof ConfigError) return complain(error.message, configurationError)
    if (error instanceof Refused) return complain(`sluice: ${error.message}`, 1)
    throw error
  }
}
