import { afterAll, expect, setDefaultTimeout, test } from 'bun:test'
import { createAnthropic } from '@ai-sdk/anthropic'
import { generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai'
import { strictAnthropic } from '../support/anthropic-strict.ts'
import { strictOpenAI } from '../support/fixtures-openai-strict.ts'
import { replaysFixture } from '../support/fixtures-replay.ts'
import { strictGemini } from '../support/gemini-strict.ts'
import { startLab } from '../support/lab.ts'
import { strictResponses } from '../support/responses-strict.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)
;(globalThis as { AI_SDK_LOG_WARNINGS?: boolean }).AI_SDK_LOG_WARNINGS = false

const lab = await startLab({
  routes: { claude: ['claude/claude-sonnet-4-5'], gpt: ['a/gpt'] },
  providers: ({ a, b }) => ({
    claude: { dialect: 'anthropic', base_url: b.url, api_key: 'sk-ant' },
    reply: { dialect: 'responses', base_url: a.url, api_key: 'sk-provider-r' },
    gem: { dialect: 'gemini', base_url: a.url, api_key: 'sk-provider-g' },
  }),
})
afterAll(() => lab[Symbol.asyncDispose]())

const provider = createAnthropic({ baseURL: lab.sluice.v1, apiKey: 'any' })

const tools = {
  get_weather: tool({
    description: 'The weather.',
    inputSchema: jsonSchema<{ city: string; unit: string }>({
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    }),
    execute: ({ city }) => `21 °C in ${city}`,
  }),
}

const settings = (model: string) => ({
  model: provider(model),
  prompt: 'What is the weather in Zürich?',
  maxRetries: 0,
  maxOutputTokens: 4_000,
  tools,
  stopWhen: stepCountIs(3),
  providerOptions: { anthropic: { thinking: { type: 'enabled' as const, budgetTokens: 2_048 } } },
})

const models = [
  ['claude', strictAnthropic],
  ['gpt', strictOpenAI],
  ['gem/gemini-3-pro', strictGemini],
  ['reply/gpt-5.2', strictResponses],
] as const

test.each(models)('the AI SDK runs a tool loop on %s', async (model, script) => {
  for (const upstream of [lab.a, lab.b]) upstream.always(script())
  const whole = await generateText(settings(model))
  expect(whole.text).toBe('It is 21 °C and sunny in Zürich ☀️.')
  expect(whole.steps).toHaveLength(2)
  expect(whole.totalUsage.outputTokens).toBeGreaterThan(0)
  const stream = streamText(settings(model))
  expect(await stream.text).toBe('It is 21 °C and sunny in Zürich ☀️.')
  expect((await stream.steps)[0]!.toolCalls[0]).toMatchObject({
    toolName: 'get_weather',
    input: { city: 'Zürich', unit: 'celsius' },
  })
})

test('the AI SDK gets its object from both', async () => {
  lab.a.always(replaysFixture('openai', 'structured'))
  lab.b.always(replaysFixture('anthropic', 'structured'))
  for (const model of ['claude', 'gpt']) {
    const schema = jsonSchema<{ name: string }>({
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
      additionalProperties: false,
    })
    const { output } = await generateText({
      model: provider(model),
      prompt: 'x',
      maxRetries: 0,
      output: Output.object({ schema }),
      providerOptions: { anthropic: { structuredOutputMode: 'outputFormat' as const } },
    })
    expect(output).toMatchObject({ name: 'Zürich' })
  }
})
