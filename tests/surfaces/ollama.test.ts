import { afterAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import type { Chunk } from '../../src/chat.ts'
import { GatewayError } from '../../src/errors.ts'
import { ollamaChat, ollamaGenerate } from '../../src/surfaces/ollama.ts'
import type { Wire } from '../../src/surfaces/surface.ts'
import { startLab } from '../support/lab.ts'
import { recordings } from '../support/recorded.ts'
import { replays, status } from '../support/scripts.ts'

setDefaultTimeout(30_000)

const wire: Wire = { id: 'gen-1', requestId: 'req_1', codes: 'name', model: 'm' }
const decode = (body: object, surface = ollamaChat) => surface.decode!(body as any, {} as any)

describe('a request', () => {
  test('means what OpenAI’s would', () => {
    const schema = { type: 'object' }
    const tools = [{ type: 'function', function: { name: 'f', parameters: schema } }]
    expect(
      decode({
        model: 'demo/demo:latest',
        messages: [
          { role: 'system', content: 'Rules.' },
          { role: 'user', content: 'See.', images: ['/9j/4AAQ', 'iVBORw0KGgo'] },
        ],
        tools,
        think: 'low',
        format: schema,
        keep_alive: '5m',
        options: {
          temperature: 0,
          top_k: 5,
          num_predict: 7,
          num_ctx: 4096,
          repeat_penalty: 1.1,
          stop: ['x'],
        },
      }),
    ).toEqual({
      model: 'demo/demo',
      stream: true,
      messages: [
        { role: 'system', content: 'Rules.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'See.' },
            { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/4AAQ' } },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo' } },
          ],
        },
      ],
      tools,
      reasoning: { effort: 'low' },
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
      temperature: 0,
      top_k: 5,
      max_tokens: 7,
      repetition_penalty: 1.1,
      stop: ['x'],
    })
  })

  test('that says nothing invents nothing', () => {
    const messages = [{ role: 'user', content: 'Hi' }]
    expect(decode({ model: 'm', messages, stream: false })).toEqual({
      model: 'm',
      messages,
      stream: false,
    })
    expect(decode({ model: 'm', messages, stream: false, options: { num_predict: -1 } })).toEqual({
      model: 'm',
      messages,
      stream: false,
    })
    expect(
      decode(
        { model: 'm', prompt: 'Hi', system: 'S', think: false, format: 'json' },
        ollamaGenerate,
      ),
    ).toEqual({
      model: 'm',
      stream: true,
      messages: [
        { role: 'system', content: 'S' },
        { role: 'user', content: 'Hi' },
      ],
      reasoning: { enabled: false },
      response_format: { type: 'json_object' },
    })
  })

  test('has each result of a tool belong to its call, by name and by order', () => {
    const call = (name: string) => ({ function: { name, arguments: { a: 1 } } })
    const { messages } = decode({
      model: 'm',
      messages: [
        {
          role: 'assistant',
          content: '',
          thinking: 'Hm.',
          tool_calls: [call('f'), call('g'), call('f')],
        },
        { role: 'tool', tool_name: 'g', content: 'G' },
        { role: 'tool', tool_name: 'f', content: 'F1' },
        { role: 'tool', content: 'F2' },
        { role: 'assistant', content: '', tool_calls: [call('f')] },
        { role: 'tool', tool_name: 'f', content: 'F3' },
      ],
    })
    expect(messages![0]).toMatchObject({ reasoning: 'Hm.' })
    expect(messages![0]!.tool_calls![0]).toEqual({
      id: 'call_0',
      type: 'function',
      function: { name: 'f', arguments: '{"a":1}' },
    })
    expect(
      messages!.filter(({ role }) => role === 'tool').map((one) => [one.tool_call_id, one.content]),
    ).toEqual([
      ['call_1', 'G'],
      ['call_0', 'F1'],
      ['call_2', 'F2'],
      ['call_3', 'F3'],
    ])
  })
})

/** The lines of a stream, which must be JSON, with `done` on the last alone. */
const linesOf = (text: string): any[] => {
  expect(text).toEndWith('\n')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.map(({ done }) => done)).toEqual(lines.map((_, at) => at === lines.length - 1))
  for (const line of lines)
    expect(line).toMatchObject({ model: 'm', created_at: expect.any(String) })
  return lines
}

const written = (batches: readonly (readonly Chunk[])[], surface = ollamaChat): any[] => {
  const writer = surface.events!(wire)
  return linesOf(batches.map((chunks) => writer.batch({ chunks })).join('') + writer.end())
}

test('every recorded answer is the same in lines as whole', () => {
  for (const [name, { events, whole, usage }] of Object.entries(recordings)) {
    const chunks = [
      ...events.map((choices: any) => ({ id: 'x', choices })),
      ...(usage ? [{ id: 'x', choices: [], usage }] : []),
    ] as Chunk[]
    const choices = whole.map(({ message, ...rest }: any) => ({ ...rest, delta: message }))
    const once = JSON.parse(
      ollamaChat.whole({ id: 'x', choices, ...(usage && { usage }) } as Chunk, wire),
    )
    const lines = written([chunks])
    const one = (field: string) => lines.map(({ message }) => message[field] ?? '').join('')
    expect(one('content'), name).toBe(once.message.content)
    expect(one('thinking'), name).toBe(once.message.thinking ?? '')
    const calls = lines.flatMap(({ message }) => message.tool_calls ?? [])
    expect(calls, name).toEqual(once.message.tool_calls ?? [])
    expect(lines.at(-1).done_reason, name).toBe(once.done_reason)
    if (usage) expect(lines.at(-1).eval_count, name).toBe((usage as any).completion_tokens)
  }
})

test('text that nobody parsed is a line of its own, and silence an empty one', () => {
  const writer = ollamaGenerate.events!(wire)
  const plain = writer.batch({ plain: 'two words', chunks: [] })
  const [spoken, silent, last] = linesOf(`${plain as string}${writer.silence!()}${writer.end()}`)
  expect(spoken).toMatchObject({ response: 'two words', done: false })
  expect(silent).toMatchObject({ response: '' })
  expect(last).toMatchObject({
    response: '',
    done_reason: 'stop',
    total_duration: expect.any(Number),
  })
})

test('an error in mid-stream is a line with a sentence', () => {
  const writer = ollamaChat.events!(wire)
  const error = new GatewayError('upstream_disconnected')
  expect(JSON.parse(writer.error(error))).toEqual({ error: error.message })
})

const lab = await startLab()
afterAll(() => lab[Symbol.asyncDispose]())

const post = (path: string, body: object | string) =>
  fetch(lab.sluice.url + path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
const messages = [{ role: 'user', content: 'Hi' }]

describe('served', () => {
  test('an answer comes in lines, and whole when asked', async () => {
    for (const recording of Object.values(recordings)) {
      lab.a.next(replays(recording), replays(recording))
      const streamed = await post('/api/chat', { model: 'm', messages })
      expect(streamed.headers.get('content-type')).toBe('application/x-ndjson')
      const lines = linesOf(await streamed.text())
      const whole: any = await (
        await post('/api/chat', { model: 'm', messages, stream: false })
      ).json()
      expect(whole.message.content).toBe(lines.map(({ message }) => message.content).join(''))
      expect(whole.done).toBe(true)
    }
  })

  test('errors are sentences with their true status', async () => {
    lab.a.next(status(400, 'Too hot.'))
    const refused = await post('/api/chat', { model: 'solo', messages })
    expect(refused.status).toBe(400)
    expect(await refused.json()).toEqual({ error: 'Too hot.' })
    for (const [path, body, code] of [
      ['/api/chat', '{', 400],
      ['/api/generate', { model: 'm' }, 400],
      ['/api/chat', { model: 'nobody/x', messages }, 404],
      ['/api/show', { model: 'nobody/x' }, 404],
      ['/api/pull', {}, 404],
    ] as const) {
      const response = await post(path, body)
      expect(response.status, path).toBe(code)
      expect(await response.json()).toEqual({ error: expect.any(String) })
    }
  })

  test('the models are listed and described', async () => {
    const get = async (path: string): Promise<any> => (await fetch(lab.sluice.url + path)).json()
    const { models } = await get('/api/tags')
    expect(models.map(({ name }: any) => name)).toContain('demo/demo')
    for (const model of models)
      expect(model).toMatchObject({
        model: model.name,
        digest: expect.any(String),
        details: { format: 'gguf' },
      })
    const shown: any = await (await post('/api/show', { model: 'demo/demo:latest' })).json()
    expect(shown.capabilities).toContain('tools')
    expect(await get('/api/ps')).toEqual({ models: [] })
    expect((await get('/api/version')).version).toMatch(/^\d+\.\d+\.\d+$/)
    expect((await fetch(lab.sluice.url, { method: 'HEAD' })).status).toBe(200)
    expect(await (await fetch(lab.sluice.url)).text()).toBe('Ollama is running')
  })

  test('texts become vectors', async () => {
    const several: any = await (await post('/api/embed', { model: 'm', input: ['a', 'b'] })).json()
    expect(several).toMatchObject({ model: 'm', prompt_eval_count: 8 })
    expect(several.embeddings).toHaveLength(2)
    const one: any = await (await post('/api/embeddings', { model: 'm', prompt: 'a' })).json()
    expect(one.embedding).toEqual(several.embeddings[0])
  })
})
