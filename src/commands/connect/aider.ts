import { join } from 'node:path'
import { keyOf, type Agent } from './agent.ts'

/** https://aider.chat/docs/config/aider_conf.html; its file knows no reference to a variable. */
export const aider: Agent = {
  name: 'aider',
  title: 'aider',
  program: 'aider',
  dir: (_, home) => home,
  needsModel: true,
  files(target) {
    const settings = [
      { path: ['openai-api-base'], value: `${target.url}/v1` },
      { path: ['openai-api-key'], value: keyOf(target) },
      { path: ['model'], value: `openai/${target.model ?? ''}` },
    ]
    return [{ file: join(target.dir, '.aider.conf.yml'), format: 'yaml', settings }]
  },
  steps: ({ env }) =>
    ['AIDER_OPENAI_API_BASE', 'AIDER_OPENAI_API_KEY', 'AIDER_MODEL']
      .filter((name) => env[name])
      .map((name) => `${name} is set in this shell and goes before aider's file; unset it.`),
}
