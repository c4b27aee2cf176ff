/** The first thing that a reader of the documentation sees. @param origin as the reader wrote it */
export const introduction = (origin: string): string =>
  [
    'An LLM gateway that you run yourself: every tool that speaks OpenAI points here, and each request goes to the provider that should answer it.',
    '```sh',
    `curl -N ${origin}/v1/chat/completions -H 'content-type: application/json' \\`,
    `  -d '{"model":"demo/demo","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'`,
    '```',
    `For the SDKs: \`export OPENAI_BASE_URL=${origin}/v1\`. The examples below work as they are: open one, press **Try it out**, then **Execute**.`,
  ].join('\n')
