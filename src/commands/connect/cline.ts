import { join } from 'node:path'
import { keyOf, type Agent } from './agent.ts'

/** https://docs.cline.bot/provider-config/openai-compatible; its settings are the editor's secrets. */
export const cline: Agent = {
  name: 'cline',
  title: 'Cline',
  dir: (_, home) => join(home, '.cline'),
  needsModel: false,
  files: () => [],
  steps: (target) => [
    'Cline keeps its settings where only the editor can write. In its settings panel:',
    '  API Provider  OpenAI Compatible',
    `  Base URL      ${target.url}/v1`,
    `  API Key       ${keyOf(target)}`,
    `  Model ID      ${target.model ?? `one of ${target.url}/v1/models`}`,
  ],
}
