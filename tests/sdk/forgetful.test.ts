import { afterAll, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { strictOpenRouter } from '../support/fixtures-openai-strict.ts'
import { startProvider } from '../support/provider.ts'
import { startSluice } from '../support/sluice.ts'

const router = await startProvider({ name: 'router' })
const sluice = await startSluice({
  config: JSON.stringify({
    server: { drain: '1s', discover: false },
    providers: {
      router: { preset: 'openrouter', base_url: router.url, api_key: 'sk-provider-router' },
    },
    plugins: ['fallback'],
  }),
  env: { BUN_CONFIG_MAX_HTTP_REQUESTS: '4096' },
})
afterAll(async () => {
  await sluice.stop()
  await router.stop()
})

const client = new OpenAI({ baseURL: sluice.v1, apiKey: 'k', maxRetries: 0 })
const tools = [
  {
    type: 'function',
    function: { name: 'get_weather', parameters: { type: 'object', properties: {} } },
  },
] as const satisfies OpenAI.Chat.ChatCompletionTool[]

test('a client that knows no reasoning details goes on with a tool loop that OpenRouter signed', async () => {
  router.always(strictOpenRouter({ first: 'reasoning_tool', last: 'after_tool' }))
  const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [
    { role: 'user', content: 'What is the weather like in Zürich?' },
  ]
  const asked = { model: 'router/anthropic/claude-sonnet-5', tools: [...tools] }
  const first = await client.chat.completions.create({ ...asked, messages })
  const { content, tool_calls = [] } = first.choices[0]!.message
  messages.push({ role: 'assistant', content, tool_calls })
  for (const { id } of tool_calls)
    messages.push({ role: 'tool', tool_call_id: id, content: 'Sunny.' })
  const second = await client.chat.completions.create({ ...asked, messages })
  expect(second.choices[0]!.finish_reason).toBe('stop')

  const [before, after] = router.requests.slice(-2).map(({ json }) => json)
  expect(before.messages).toHaveLength(1)
  const signed = (first.choices[0]!.message as any).reasoning_details
  expect(after.messages[1].reasoning_details).toEqual(signed)
})
