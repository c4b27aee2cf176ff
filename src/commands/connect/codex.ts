import { join } from 'node:path'
import { exportLine, KEY_VARIABLE, type Agent } from './agent.ts'

/** https://developers.openai.com/codex/config-reference; it speaks Responses and nothing else. */
export const codex: Agent = {
  name: 'codex',
  title: 'Codex',
  program: 'codex',
  dir: (env, home) => env.CODEX_HOME || join(home, '.codex'),
  needsModel: false,
  files({ url, model, key, dir }) {
    const provider = ['model_providers', 'sluice']
    const settings = [
      ...(model === undefined ? [] : [{ path: ['model'], value: model }]),
      { path: ['model_provider'], value: 'sluice' },
      { path: [...provider, 'name'], value: 'Sluice' },
      { path: [...provider, 'base_url'], value: `${url}/v1` },
      { path: [...provider, 'wire_api'], value: 'responses' },
      ...(key === undefined ? [] : [{ path: [...provider, 'env_key'], value: KEY_VARIABLE }]),
    ]
    return [{ file: join(dir, 'config.toml'), format: 'toml', settings }]
  },
  steps: (target) => [
    ...exportLine(target),
    ...(target.model === undefined ? ['It asks for its own default model; --model sets one.'] : []),
  ],
}
