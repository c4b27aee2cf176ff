import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { collect, type Candidate, type Chunk, type Delta, type Handler } from 'sluice/plugin'
import { fakeCall, mount, says } from 'sluice/testing'
import { atCandidate } from '../../src/router/plan.ts'
import { demo } from '../../src/config/provider.ts'
import reasoning from '../../plugins/reasoning.ts'
import { answers } from '../support/scripts.ts'
import { sse } from '../support/sse.ts'
import { bodyFor } from '../support/formats.ts'
import { startFormats, type FormatsLab } from '../support/formats-lab.ts'

const local = (model: string, more: object = {}): Candidate => ({
  model,
  route: model,
  endpoint: { provider: 'p', model },
  provider: { ...demo, name: 'p', dialects: ['openai'], ...more },
  facts: {},
  notes: [],
})

const at =
  (chosen: Candidate, provider: Handler): Handler =>
  (call) =>
    provider(atCandidate(call, chosen))

const asks = { reasoning: { enabled: true } }

/** Content and thought, as the client of a stream of such pieces, or of a whole answer, has them in the end. */
const heard = async (
  text: string,
  piece: number | undefined,
  chosen = local('m'),
  options: object = {},
  request: object = asks,
) => {
  const provider = at(chosen, says(text, piece))
  const handler = await mount(reasoning, options, provider)
  const call = fakeCall({ model: chosen.model, ...request, stream: piece !== undefined })
  const { content, reasoning: thought } = (await collect(handler(call)))?.choices?.[0]?.delta ?? {}
  return [thought ?? '', content ?? '']
}

const sizes = [undefined, 1, 2, 3, 5, 8, 13, 1_000]

describe('tags of a local model', () => {
  test.each([
    ['<think>\nHm.\n</think>\n\nFour.', 'Hm.\n', 'Four.'],
    ['Four.', '', 'Four.'],
    [
      'The tag <think> opens a thought, and </think> ends it.',
      '',
      'The tag <think> opens a thought, and </think> ends it.',
    ],
    ['Like this:\n</think>\nis how it ends.', '', 'Like this:\n</think>\nis how it ends.'],
    ['<thinking is hard>', '', '<thinking is hard>'],
    ['<think>never ended', 'never ended', ''],
    ['<', '', '<'],
  ])('%j, in pieces of any size and whole', async (text, thought, content) => {
    for (const size of sizes)
      expect([size, ...(await heard(text, size))]).toEqual([size, thought, content])
  })

  test('are left alone at others, unless their models think or the YAML says so', async () => {
    const text = '<think>Hm.</think>Four.'
    const far = { local: false }
    expect(await heard(text, 3, local('m', far))).toEqual(['', text])
    expect(await heard(text, 3, local('glm-4.6', far))).toEqual(['Hm.', 'Four.'])
    expect(await heard(text, 3, local('m', far), { think_tags: true })).toEqual(['Hm.', 'Four.'])
    expect(await heard(text, 3, local('m'), { think_tags: false })).toEqual(['', text])
    expect(await heard(text, 3, local('m', { ...far, quirks: { think_tags: true } }))).toEqual([
      'Hm.',
      'Four.',
    ])
  })
})

describe('a template that ends with the opening tag', () => {
  const text = 'Hm.\n</think>\n\nFour.'

  test('leaves the closing one, which is known of some models, or told', async () => {
    for (const size of sizes) {
      expect(await heard(text, size, local('DeepSeek-R1-Distill-Qwen-7B'))).toEqual([
        'Hm.\n',
        'Four.',
      ])
      expect(await heard(text, size, local('qwen3-4b-thinking-2507'))).toEqual(['Hm.\n', 'Four.'])
      expect(await heard(text, size, local('m'), { think_tags: 'inside' })).toEqual([
        'Hm.\n',
        'Four.',
      ])
      expect(await heard(text, size, local('m'))).toEqual(['', text])
    }
  })

  test('an answer that never ends its thought was none: nothing of it is lost', async () => {
    for (const size of sizes) {
      const [, content] = await heard('Four.', size, local('deepseek-r1'))
      expect([size, content]).toEqual([size, 'Four.'])
    }
  })

  test('a model that was told not to think is taken at its word', async () => {
    const hybrid = local('qwen3.5-9b')
    expect(await heard('Four.', 2, hybrid, {}, {})).toEqual(['', 'Four.'])
    expect(await heard(text, 2, hybrid)).toEqual(['Hm.\n', 'Four.'])
  })

  test('a server that parts thoughts by itself is believed', async () => {
    const provider: Handler = async function* parted() {
      const base = { id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm' }
      const piece = (delta: Delta, finish_reason: string | null = null): Chunk => ({
        ...base,
        choices: [{ index: 0, delta, finish_reason }],
      })
      yield piece({ role: 'assistant', content: '' })
      yield piece({ reasoning_content: 'Hm.' })
      yield piece({ content: 'Four ' })
      yield piece({ content: '</think>.' }, 'stop')
    }
    const handler = await mount(reasoning, {}, at(local('deepseek-r1'), provider))
    const whole = await collect(handler(fakeCall({ stream: true })))
    expect(whole?.choices?.[0]?.delta).toMatchObject({
      reasoning_content: 'Hm.',
      content: 'Four </think>.',
    })
  })
})

describe('through the daemon', () => {
  let lab: FormatsLab
  beforeAll(async () => {
    lab = await startFormats([{ reasoning: { default: 'provider' } }, 'fallback'], {
      providers: (base_url) => ({ mine: { base_url, auth: 'none' } }),
    })
    lab.provider.always(answers('<think>Hm.</think>Four.'))
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  const model = 'mine/qwen3-8b'

  test('the thought stands where each client looks for it', async () => {
    const read = async (surface: 'chat' | 'messages' | 'responses' | 'gemini', more: object = {}) =>
      (
        await lab.post(surface, model, { ...bodyFor(surface, model), ...more })
      ).json() as Promise<any>
    const { message } = (await read('chat')).choices[0]
    expect([message.reasoning, message.content]).toEqual(['Hm.', 'Four.'])
    const { content } = await read('messages')
    expect(content).toMatchObject([
      { type: 'thinking', thinking: 'Hm.' },
      { type: 'text', text: 'Four.' },
    ])
    const { output } = await read('responses')
    expect(output.map(({ type }: any) => type)).toEqual(['reasoning', 'message'])
    expect(output[1].content[0].text).toBe('Four.')
    const thinkingConfig = { includeThoughts: true }
    const { candidates } = await read('gemini', { generationConfig: { thinkingConfig } })
    expect(candidates[0].content.parts.slice(0, 2)).toMatchObject([
      { text: 'Hm.', thought: true },
      { text: 'Four.' },
    ])
  })

  test('a stream says the same, live', async () => {
    const answer = await lab.post('chat', model, { ...bodyFor('chat', model), stream: true })
    const { events } = await sse(answer)
    const of = (field: string) =>
      events.map((event) => event.choices?.[0]?.delta?.[field] ?? '').join('')
    expect([of('reasoning'), of('content')]).toEqual(['Hm.', 'Four.'])
  })

  test('SDKs know it as a thought', async () => {
    const claude = new Anthropic({ apiKey: 'x', baseURL: lab.sluice.url })
    const messages = [{ role: 'user' as const, content: 'Hello!' }]
    const message = await claude.messages
      .stream({ model, max_tokens: 100, messages })
      .finalMessage()
    expect(message.content).toMatchObject([
      { type: 'thinking', thinking: 'Hm.' },
      { type: 'text', text: 'Four.' },
    ])
    const openai = new OpenAI({ apiKey: 'x', baseURL: lab.sluice.v1 })
    const response = await openai.responses.stream({ model, input: 'Hello!' }).finalResponse()
    expect([response.output[0]?.type, response.output_text]).toEqual(['reasoning', 'Four.'])
  })

  test('hidden, it is nowhere, in any format', async () => {
    const hiding = { reasoning: { exclude: true, enabled: true } }
    for (const stream of [true, false])
      for (const surface of ['chat', 'responses'] as const) {
        const text = await (
          await lab.post(surface, model, { ...bodyFor(surface, model), ...hiding, stream })
        ).text()
        expect(text).toContain('Four.')
        expect(text).not.toContain('Hm.')
      }
  })
})
