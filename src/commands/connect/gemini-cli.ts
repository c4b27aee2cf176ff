import { join } from 'node:path'
import { keyOf, type Agent } from './agent.ts'
import { firstEnvOnly } from './first-env.ts'

/** https://geminicli.com/docs/reference/configuration; the SDK in it reads the base URL. */
export const geminiCli: Agent = {
  name: 'gemini-cli',
  title: 'Gemini CLI',
  program: 'gemini',
  dir: (env, home) => join(env.GEMINI_CLI_HOME || home, '.gemini'),
  needsModel: false,
  files(target) {
    const { url, model, dir } = target
    return [
      {
        file: join(dir, '.env'),
        format: 'dotenv',
        settings: [
          { path: ['GOOGLE_GEMINI_BASE_URL'], value: url },
          { path: ['GEMINI_API_KEY'], value: keyOf(target) },
          ...(model === undefined ? [] : [{ path: ['GEMINI_MODEL'], value: model }]),
        ],
      },
      {
        file: join(dir, 'settings.json'),
        format: 'jsonc',
        settings: [{ path: ['security', 'auth', 'selectedType'], value: 'gemini-api-key' }],
      },
    ]
  },
  steps: firstEnvOnly,
}
