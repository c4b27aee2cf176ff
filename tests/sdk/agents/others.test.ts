import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readRaw } from '../../matrix/lab.ts'
import { replaysFixture } from '../../support/fixtures-replay.ts'
import { expected, type Scenario } from '../../support/fixtures.ts'
import { post } from './agent.ts'
import { dialectOf, kinds, startDesk, type Desk, type Kind } from './desk.ts'
import { geminiCli } from './gemini-cli.ts'
import { opencode } from './opencode.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

let desk: Desk
beforeAll(async () => {
  desk = await startDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())

const replays = (kind: Kind, ...scenarios: readonly Scenario[]) =>
  desk.providers[kind].next(...scenarios.map((name) => replaysFixture(dialectOf(kind), name)))

describe.each([...kinds])('before a provider of the kind %s', (kind) => {
  const dialect = dialectOf(kind)
  const said = (scenario: Scenario) => expected(dialect, scenario).content

  test('opencode asks for a title beside its first turn', async () => {
    replays(kind, 'text', 'text')
    const model = desk.model(kind)
    const title = {
      model,
      max_tokens: 32_000,
      temperature: 0.5,
      messages: [
        { role: 'system', content: 'You are a title generator.' },
        { role: 'user', content: 'Generate a title for this conversation:\n' },
        { role: 'user', content: 'What is the weather in Zürich?' },
      ],
      stream: true,
      stream_options: { include_usage: true },
    }
    const bodies = [title, opencode.body(model, opencode.opening)]
    const answers = await Promise.all(
      bodies.map(async (body) => {
        const text = JSON.stringify(body)
        return readRaw(await post(desk, opencode.path(model), opencode.headers, text))
      }),
    )
    for (const raw of answers) {
      expect(raw.status, raw.text).toBe(200)
      const seen = opencode.surface.read(raw, true)
      expect(seen.mistakes).toEqual([])
      expect(seen.text).toBe(said('text'))
      expect(seen.usage.output).toBeGreaterThan(0)
    }
  })

  test('Gemini CLI counts, and asks for a form, whole', async () => {
    const model = desk.model(kind)
    const contents = geminiCli.opening
    const count = await readRaw(
      await post(
        desk,
        `/v1beta/models/${model}:countTokens`,
        geminiCli.headers,
        JSON.stringify({ contents }),
      ),
    )
    expect(count.status, count.text).toBe(200)
    expect(JSON.parse(count.text).totalTokens).toBeGreaterThan(0)

    replays(kind, 'structured')
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, population: { type: 'integer' } },
      required: ['name'],
    }
    const body = JSON.stringify({
      contents,
      systemInstruction: { role: 'user', parts: [{ text: 'Answer in JSON.' }] },
      generationConfig: {
        temperature: 0,
        topP: 1,
        responseMimeType: 'application/json',
        responseJsonSchema: schema,
      },
    })
    const raw = await readRaw(
      await post(desk, `/v1beta/models/${model}:generateContent`, geminiCli.headers, body),
    )
    expect(raw.status, raw.text).toBe(200)
    const seen = geminiCli.surface.read(raw, false)
    expect(seen.mistakes).toEqual([])
    expect(JSON.parse(seen.text)).toEqual(JSON.parse(said('structured')))
    expect(desk.providers[kind].requests.at(-1)!.body).toContain('"population"')
  })
})

test('Gemini’s clients see a list of models in their shape', async () => {
  const response = await fetch(`${desk.sluice.url}/v1beta/models`, { headers: geminiCli.headers })
  const body = (await response.json()) as any
  expect(response.status).toBe(200)
  expect(body.models.length).toBeGreaterThan(0)
  for (const { name, supportedGenerationMethods } of body.models) {
    expect(name).toStartWith('models/')
    expect(supportedGenerationMethods).toContain('generateContent')
  }
})
