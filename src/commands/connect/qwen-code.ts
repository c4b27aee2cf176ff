import { join } from 'node:path'
import { keyOf, type Agent } from './agent.ts'
import { firstEnvOnly } from './first-env.ts'

/** https://qwenlm.github.io/qwen-code-docs/en/users/configuration/auth */
export const qwenCode: Agent = {
  name: 'qwen-code',
  title: 'Qwen Code',
  program: 'qwen',
  dir: (env, home) => env.QWEN_HOME || join(home, '.qwen'),
  needsModel: true,
  files(target) {
    const { url, model = '', dir } = target
    return [
      {
        file: join(dir, '.env'),
        format: 'dotenv',
        settings: [
          { path: ['OPENAI_BASE_URL'], value: `${url}/v1` },
          { path: ['OPENAI_API_KEY'], value: keyOf(target) },
          { path: ['OPENAI_MODEL'], value: model },
        ],
      },
      {
        file: join(dir, 'settings.json'),
        format: 'jsonc',
        settings: [
          { path: ['security', 'auth', 'selectedType'], value: 'openai' },
          { path: ['model', 'name'], value: model },
        ],
      },
    ]
  },
  steps: firstEnvOnly,
}
