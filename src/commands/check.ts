import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ConfigError,
  defaultConfig,
  loadConfig,
  problemAt,
  showProblem,
  type Config,
} from '../config.ts'
import { findPackage, installing } from '../config/sdk-package.ts'
import { misplacedIn } from '../plugins/misplaced.ts'
import { loadWithPlugins, type LoadedPlugin } from '../plugins.ts'
import { describeGateway } from './describe.ts'
import { openDoor } from '../door.ts'
import { buildGateway } from '../gateway.ts'
import { createShared } from '../shared.ts'

/** Provider packages of the AI SDK that the config names and nobody installed. */
const missingPackages = ({ providers, source }: Config) =>
  [...providers.values()].flatMap((provider) =>
    provider.package === undefined || findPackage(provider) !== undefined
      ? []
      : problemAt(
          source,
          ['providers', provider.name, 'package'],
          `is not installed where this file is: ${installing(provider.package)}`,
        ),
  )

/** Sets everything up as a start would, in a folder of its own, and lets it go. Throws ConfigError. */
const tryOut = async (config: Config, plugins: readonly LoadedPlugin[]): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-check-'))
  try {
    const gateway = await buildGateway(config, plugins, createShared(folder))
    await gateway.retire()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Prints what a config comes to, with warnings of what makes no sense there, or all its mistakes; the exit code is 0 or 78.
 */
export const check = async (file: string | undefined): Promise<number> => {
  openDoor()
  try {
    const { config, plugins } = await loadWithPlugins(async () =>
      file === undefined ? defaultConfig(process.env, []) : loadConfig(file),
    )
    const missing = missingPackages(config)
    if (missing.length > 0) throw new ConfigError(config.source.file, missing)
    await tryOut(config, plugins)
    const { file: shown } = config.source
    console.log(`${describeGateway({ config, plugins })}\n\n${shown}: ok`)
    for (const problem of misplacedIn(plugins, config))
      console.error(`warning: ${showProblem(shown, problem)}`)
    return 0
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    console.error(error.message)
    return 78
  }
}
