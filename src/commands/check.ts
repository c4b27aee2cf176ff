import { ConfigError, defaultConfig, loadConfig } from '../config.ts'
import { loadWithPlugins } from '../plugins.ts'
import { describeGateway } from './describe.ts'
import { openDoor } from '../door.ts'

/** Prints what a config comes to, or all its mistakes; the exit code is 0 or 78. */
export const check = async (file: string | undefined): Promise<number> => {
  openDoor()
  try {
    const { config, plugins } = await loadWithPlugins(async () =>
      file === undefined ? defaultConfig(process.env, []) : loadConfig(file),
    )
    console.log(`${describeGateway({ config, plugins })}\n\n${config.source.file}: ok`)
    return 0
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    return 78
  }
}
