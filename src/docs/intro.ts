/** What clients have to know, each in its own way. */
const bases = (origin: string): readonly (readonly [client: string, setting: string])[] => [
  ['OpenAI’s SDKs and most tools', `OPENAI_BASE_URL=${origin}/v1`],
  ['OpenRouter’s SDK', `baseURL: "${origin}/api/v1"`],
  ['Anthropic’s SDKs, Claude Code', `ANTHROPIC_BASE_URL=${origin}`],
  ['Google’s SDKs, Gemini CLI', `GOOGLE_GEMINI_BASE_URL=${origin}`],
  ['Ollama’s clients', `OLLAMA_HOST=${origin}`],
]

/** The first thing that a reader of the documentation sees. @param origin as the reader wrote it */
export const introduction = (origin: string): string =>
  [
    'An LLM gateway that you run yourself: every tool that speaks OpenAI, Anthropic, Gemini or Ollama points here, and each request goes to the provider that should answer it.',
    '```sh',
    `curl -N ${origin}/v1/chat/completions -H 'content-type: application/json' \\`,
    `  -d '{"model":"demo/demo","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'`,
    '```',
    'Where clients point:',
    '',
    '| Client | Setting |',
    '| --- | --- |',
    ...bases(origin).map(([client, setting]) => `| ${client} | \`${setting}\` |`),
    '',
    'Any of them can ask for any model of any provider. The examples below work as they are: open one, press **Try it out**, then **Execute**.',
  ].join('\n')
