import type { ProviderConfig } from './model.ts'

/** The command that installs a package beside the config. */
export const installing = (name: string): string =>
  /^[./~]/.test(name) ? `${name} is not there` : `bun add ${name}`

/** The file of the provider package, looked for from the config's directory; undefined when it is not installed. */
export const findPackage = ({
  package: name,
  directory = '.',
}: Pick<ProviderConfig, 'package' | 'directory'>): string | undefined => {
  try {
    return name === undefined ? undefined : Bun.resolveSync(name, directory)
  } catch {
    return undefined
  }
}
