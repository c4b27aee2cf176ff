import { join } from 'node:path'
import { keyOf, type Agent } from './agent.ts'

const modelNames = [
  'ANTHROPIC_MODEL',
  'ANTHROPIC_DEFAULT_HAIKU_MODEL',
  'ANTHROPIC_DEFAULT_SONNET_MODEL',
  'ANTHROPIC_DEFAULT_OPUS_MODEL',
]

/** https://code.claude.com/docs/en/llm-gateway-connect; its settings know no reference to a variable. */
export const claudeCode: Agent = {
  name: 'claude-code',
  title: 'Claude Code',
  program: 'claude',
  dir: (env, home) => env.CLAUDE_CONFIG_DIR || join(home, '.claude'),
  needsModel: false,
  files(target) {
    const env = {
      ANTHROPIC_BASE_URL: target.url,
      ANTHROPIC_AUTH_TOKEN: keyOf(target),
      ...Object.fromEntries(modelNames.map((name) => [name, target.model])),
      CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1',
    }
    const settings = Object.entries(env)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ({ path: ['env', name], value }))
    return [{ file: join(target.dir, 'settings.json'), format: 'jsonc', settings }]
  },
  steps: ({ env, model }) => [
    ...(env.ANTHROPIC_API_KEY
      ? ['ANTHROPIC_API_KEY is set in this shell and would be sent as well; unset it.']
      : []),
    ...(model === undefined
      ? ['It asks for Claude models by their own names; --model sends it to another.']
      : []),
  ],
}
