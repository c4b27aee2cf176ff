import { join } from 'node:path'
import { KEY_VARIABLE, type Agent, type AgentFile } from './agent.ts'
import type { Setting } from './edit.ts'

/** https://docs.continue.dev/reference; in the editors, `secrets.` reads its own .env only. */
export const continueDev: Agent = {
  name: 'continue',
  title: 'Continue',
  program: 'cn',
  dir: (env, home) => env.CONTINUE_GLOBAL_DIR || join(home, '.continue'),
  needsModel: true,
  files({ url, model = '', key, dir }) {
    const value = {
      name: 'Sluice',
      provider: 'openai',
      model,
      apiBase: `${url}/v1`,
      apiKey: key === undefined ? 'anything' : `\${{ secrets.${KEY_VARIABLE} }}`,
    }
    const settings: readonly Setting[] = [
      { path: ['name'], value: 'Local', absent: true },
      { path: ['version'], value: '1.0.0', absent: true },
      { path: ['schema'], value: 'v1', absent: true },
      { path: ['models', { name: 'Sluice' }], value },
    ]
    const secrets: readonly AgentFile[] = [
      {
        file: join(dir, '.env'),
        format: 'dotenv',
        settings: [{ path: [KEY_VARIABLE], value: key }],
      },
    ]
    return [
      { file: join(dir, 'config.yaml'), format: 'yaml', settings },
      ...(key === undefined ? [] : secrets),
    ]
  },
  steps: () => ['Choose the model “Sluice” in its list of models.'],
}
