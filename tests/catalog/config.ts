import { parseConfig, type Config } from '../../src/config.ts'

/** A config of these providers. */
export const configOf = (providers: object): Config =>
  parseConfig(JSON.stringify({ server: { discover: false }, providers }), {
    file: 'config.yaml',
    directory: '.',
    env: {},
  })
