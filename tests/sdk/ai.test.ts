import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { createAnthropic } from '@ai-sdk/anthropic'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { createOpenRouter } from '@openrouter/ai-sdk-provider'
import {
  APICallError,
  embed,
  embedMany,
  generateText,
  jsonSchema,
  Output,
  stepCountIs,
  streamText,
  tool,
  type LanguageModel,
} from 'ai'
import { expected, fixture, type Scenario } from '../support/fixtures.ts'
import { fails, replaysFixture } from '../support/fixtures-replay.ts'
import { byPath } from '../support/scripts.ts'
import { until } from '../support/until.ts'
import { dialectOf, kinds, startDesk, type Desk, type Kind } from './agents/desk.ts'
import { sealsIn, sealsOf } from './agents/seals.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

let desk: Desk
/** Another, where nobody was given reasoning yet: the recordings call their tools by the same ids everywhere. */
let thoughtless: Desk
beforeAll(async () => {
  ;[desk, thoughtless] = await Promise.all([startDesk(), startDesk()])
})
afterAll(() => Promise.all([desk, thoughtless].map((one) => one[Symbol.asyncDispose]())))

/** What an application’s code sees of Sluice: the same model by three of the SDK’s providers. */
const clients: Readonly<Record<string, (model: string, at?: Desk) => LanguageModel>> = {
  'openai-compatible': (model, at = desk) =>
    createOpenAICompatible({
      name: 'sluice',
      baseURL: at.sluice.v1,
      apiKey: 'sk-client',
      supportsStructuredOutputs: true,
    })(model),
  openrouter: (model, at = desk) =>
    createOpenRouter({ baseURL: `${at.sluice.url}/api/v1`, apiKey: 'sk-client' }).chat(model, {
      reasoning: { effort: 'medium' },
    }),
  anthropic: (model, at = desk) =>
    createAnthropic({ baseURL: at.sluice.v1, apiKey: 'sk-client' })(model),
}

const thinking = { anthropic: { thinking: { type: 'enabled' as const, budgetTokens: 2_048 } } }

const tools = {
  get_weather: tool({
    description: 'The weather of a city.',
    inputSchema: jsonSchema<{ city: string; unit?: string }>({
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: 'string' } },
      required: ['city'],
    }),
    execute: async ({ city }) => ({ city, degrees: 21 }),
  }),
  get_time: tool({
    description: 'The time of a zone.',
    inputSchema: jsonSchema<{ timezone: string }>({
      type: 'object',
      properties: { timezone: { type: 'string' } },
    }),
    execute: async () => '08:00',
  }),
  list_files: tool({
    description: 'Lists files.',
    inputSchema: jsonSchema<object>({ type: 'object', properties: {} }),
    execute: async () => ['a.txt'],
  }),
}

const prompt = 'What is the weather in Zürich?'

/**
 * OpenAI’s format has no field for signatures, so its client drops them and Sluice brings them back; but not where the
 * provider speaks that format too, as nothing is added to what passes through.
 */
const keeps = (client: string, kind: Kind): boolean =>
  client !== 'openai-compatible' || kind !== 'router'

let marks: Record<Kind, number>
beforeEach(() => {
  marks = Object.fromEntries(
    kinds.map((kind) => [kind, desk.providers[kind].requests.length]),
  ) as Record<Kind, number>
})

const sent = (kind: Kind) => desk.since(kind, marks[kind])

const contentOf = (kind: Kind, scenario: Scenario) => expected(dialectOf(kind), scenario).content

const check = (kind: Kind, client: string, scenario: Scenario) => {
  const requests = sent(kind)
  expect(requests).toHaveLength(2)
  expect(requests[1]!.body).toContain('21')
  if (keeps(client, kind)) expect(sealsIn(kind, requests[1]!.json)).toEqual(sealsOf(kind, scenario))
}

describe.each(Object.keys(clients))('ai with @ai-sdk/%s', (client) => {
  describe.each([...kinds])('before a provider of the kind %s', (kind) => {
    const model = () => clients[client]!(desk.model(kind))
    // a provider that demands signatures back must not think for a client that loses them
    const first: Scenario = keeps(client, kind) ? 'reasoning_tool' : 'tool'

    test('a tool loop comes to its end, and the second turn brings the first one’s signatures', async () => {
      desk.plays(kind, first, 'after_tool')
      const { text, steps, totalUsage } = await generateText({
        model: model(),
        prompt,
        tools,
        maxRetries: 0,
        stopWhen: stepCountIs(4),
        ...(client === 'anthropic' && { providerOptions: thinking }),
      })
      expect(text).toBe(contentOf(kind, 'after_tool'))
      expect(steps).toHaveLength(2)
      expect(steps[0]!.finishReason).toBe('tool-calls')
      expect(steps[0]!.toolCalls[0]?.input).toEqual({ city: 'Zürich', unit: 'celsius' })
      expect(totalUsage.outputTokens).toBeGreaterThan(0)
      if (kind !== 'openai' && first === 'reasoning_tool' && client !== 'openai-compatible')
        expect(steps[0]!.reasoningText).toBe(expected(dialectOf(kind), first).reasoning)
      check(kind, client, first)
    })

    test('the same loop streamed', async () => {
      desk.plays(kind, first, 'after_tool')
      const errors: unknown[] = []
      const result = streamText({
        model: model(),
        prompt,
        tools,
        maxRetries: 0,
        stopWhen: stepCountIs(4),
        onError: ({ error }) => void errors.push(error),
        ...(client === 'anthropic' && { providerOptions: thinking }),
      })
      let text = ''
      for await (const delta of result.textStream) text += delta
      expect(errors).toEqual([])
      expect(text).toBe(contentOf(kind, 'after_tool'))
      expect((await result.totalUsage).inputTokens).toBeGreaterThan(0)
      expect(await result.finishReason).toBe('stop')
      check(kind, client, first)
    })

    test('parallel calls are all answered', async () => {
      // it writes arguments anew, with their keys in order
      if (client === 'openrouter') {
        const dialect = dialectOf(kind)
        thoughtless.providers[kind].next(
          replaysFixture(dialect, 'parallel'),
          replaysFixture(dialect, 'after_tool'),
        )
      } else thoughtless.plays(kind, 'parallel', 'after_tool')
      const { text, steps } = await generateText({
        model: clients[client]!(desk.model(kind), thoughtless),
        prompt,
        tools,
        maxRetries: 0,
        stopWhen: stepCountIs(4),
      })
      expect(text).toBe(contentOf(kind, 'after_tool'))
      expect(steps[0]!.toolCalls.map(({ toolName }) => toolName)).toEqual([
        'get_weather',
        'get_time',
      ])
      expect(thoughtless.providers[kind].requests.at(-1)!.body).toContain('08:00')
    })

    test('an object comes out as its schema says', async () => {
      const schema = jsonSchema<{ name: string }>({
        type: 'object',
        properties: {
          name: { type: 'string' },
          population: { type: 'integer' },
          tags: { type: 'array', items: { type: 'string' } },
          mayor: { anyOf: [{ type: 'string' }, { type: 'null' }] },
        },
        required: ['name'],
        additionalProperties: false,
      })
      desk.providers[kind].next(replaysFixture(dialectOf(kind), 'structured'))
      const { output } = await generateText({
        model: model(),
        prompt: 'Describe Zürich.',
        output: Output.object({ schema }),
        maxRetries: 0,
      }).catch((error) => {
        throw new Error(`${error.message}: ${JSON.stringify(error.text ?? error.responseBody)}`)
      })
      expect(output as unknown).toEqual(JSON.parse(contentOf(kind, 'structured')))
      expect(sent(kind)[0]!.body).toContain('"mayor"')
    })

    test('an abort reaches the provider', async () => {
      const dialect = dialectOf(kind)
      const events = fixture(dialect, 'text').sse.split(/(?<=\n\n|\r\n\r\n)/)
      desk.providers[kind].next(async (exchange) => {
        await exchange.head(200, { 'content-type': 'text/event-stream' })
        for (const event of events.slice(0, -3)) await exchange.body(event)
        await exchange.gone
      })
      const controller = new AbortController()
      const result = streamText({
        model: model(),
        prompt,
        maxRetries: 0,
        abortSignal: controller.signal,
        onError: () => {},
      })
      let text = ''
      for await (const delta of result.textStream) {
        text += delta
        controller.abort()
      }
      expect(text).not.toBe('')
      await until('the provider is left', () => sent(kind)[0]!.aborted)
    })

    test('an error says its status and whether to try again', async () => {
      desk.providers[kind].next(fails(dialectOf(kind), 400, 'The prompt is too odd.'))
      const error = await generateText({ model: model(), prompt, maxRetries: 0 }).catch(
        (thrown) => thrown,
      )
      expect(APICallError.isInstance(error)).toBe(true)
      expect(error.statusCode).toBe(400)
      expect(error.message).toContain('The prompt is too odd.')
      expect(error.isRetryable).toBe(false)
    })
  })
})

test('embeddings come one and many', async () => {
  desk.providers.openai.next(byPath('openai'), byPath('openai'))
  const sluice = createOpenAICompatible({ name: 'sluice', baseURL: desk.sluice.v1, apiKey: 'k' })
  const model = sluice.embeddingModel('openai/text-embedding-3-small')
  const { embedding } = await embed({ model, value: 'One.' })
  expect(embedding.length).toBeGreaterThan(0)
  const { embeddings } = await embedMany({ model, values: ['One.', 'Two.'] })
  expect(embeddings).toHaveLength(2)
})
