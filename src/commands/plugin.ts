import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { didYouMean } from '../nearest.ts'
import { builtinNames } from '../plugins.ts'

export interface PluginOptions {
  /** What to do; there is only `new`. */
  readonly action?: string | undefined
  readonly name?: string | undefined
  /** The YAML beside whose folder `plugins` the file belongs; by default, that folder is here. */
  readonly config?: string | undefined
}

const usageError = 64
const root = resolve(import.meta.dir, '../..')

const refuse = (message: string, code = usageError): number => {
  console.error(`sluice: ${message}`)
  return code
}

const isName = (name: string): boolean =>
  /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) && name.length <= 64

/** Whether tests there find what they import by themselves. */
const findsSluice = (folder: string): boolean => {
  try {
    Bun.resolveSync('sluice/testing', folder)
    return true
  } catch {
    return false
  }
}

const fill = async (template: string, name: string): Promise<string> =>
  (await readFile(join(import.meta.dir, 'plugin', template), 'utf8')).replaceAll('{name}', name)

/** The command that runs the test, from where the user is. */
const testing = (file: string): string => {
  const bun = Bun.which('bun') ? 'bun' : `npx -y bun@${Bun.version}`
  const preload = findsSluice(dirname(file)) ? '' : `--preload ${join(root, 'src/preload.ts')} `
  return `${bun} test ${preload}./${relative(process.cwd(), file)}`
}

/** `plugin new NAME`: writes a plugin that does something, and its test; says what to do next. */
export const plugin = async ({ action, name, config }: PluginOptions): Promise<number> => {
  if (action !== 'new')
    return refuse(
      action === undefined
        ? 'plugin new NAME writes a plugin and its test'
        : `unknown action ${action}${didYouMean(action, ['new'])}`,
    )
  if (name === undefined) return refuse('plugin new NAME: a name is missing')
  if (!isName(name))
    return refuse('a plugin’s name is words of small letters and digits with - between them')
  const home = config === undefined ? process.cwd() : dirname(resolve(config))
  const file = join(home, 'plugins', `${name}.ts`)
  const test = join(home, 'plugins', `${name}.test.ts`)
  const shown = (path: string) => relative(process.cwd(), path)
  const taken = [file, test].find((path) => existsSync(path))
  if (taken !== undefined) return refuse(`${shown(taken)} exists already`, 1)
  if (builtinNames().includes(name)) return refuse(`${name} is the name of a built-in plugin`)
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, await fill('plugin.txt', name), { flag: 'wx' })
    await writeFile(test, await fill('test.txt', name), { flag: 'wx' }).catch(async (cause) => {
      await rm(file)
      throw cause
    })
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    return refuse(`${shown(file)} cannot be written: ${code}`, 1)
  }
  console.log(
    [
      `Wrote ${shown(file)} and ${shown(test)}: it signs every answer.`,
      '',
      'Test it:',
      `  ${testing(test)}`,
      '',
      `Use it: in ${config === undefined ? 'your YAML' : shown(resolve(config))}, with or without options,`,
      '  plugins:',
      `    - ./plugins/${name}.ts: { signature: "Yours, me" }`,
      '    - fallback',
      '',
      'What you save, the YAML or the plugin, is live within a second.',
    ].join('\n'),
  )
  return 0
}
