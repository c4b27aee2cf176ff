import { join } from 'node:path'
import { exportLine, KEY_VARIABLE, type Agent } from './agent.ts'
import { bytesOf } from './files.ts'

/** https://opencode.ai/docs/config; where both names exist, the one with comments wins. */
export const opencode: Agent = {
  name: 'opencode',
  title: 'opencode',
  program: 'opencode',
  dir: (env, home) => join(env.XDG_CONFIG_HOME || join(home, '.config'), 'opencode'),
  needsModel: true,
  async files({ url, model = '', key, dir }) {
    const commented = join(dir, 'opencode.jsonc')
    const provider = ['provider', 'sluice']
    const apiKey = key === undefined ? 'anything' : `{env:${KEY_VARIABLE}}`
    const settings = [
      { path: ['$schema'], value: 'https://opencode.ai/config.json', absent: true },
      { path: [...provider, 'npm'], value: '@ai-sdk/openai-compatible' },
      { path: [...provider, 'name'], value: 'Sluice' },
      { path: [...provider, 'options', 'baseURL'], value: `${url}/v1` },
      { path: [...provider, 'options', 'apiKey'], value: apiKey },
      { path: [...provider, 'models', model], value: { name: model } },
      { path: ['model'], value: `sluice/${model}` },
    ]
    const file = (await bytesOf(commented)) ? commented : join(dir, 'opencode.json')
    return [{ file, format: 'jsonc', settings }]
  },
  steps: exportLine,
}
