import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { warnings } from '../../src/chat.ts'
import { GatewayError } from '../../src/errors.ts'
import { replaysFixture } from '../support/fixtures-replay.ts'
import { startProvider } from '../support/provider.ts'
import { root, sdkGateway } from '../support/sdk-provider.ts'
import { startSluice } from '../support/sluice.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sluice-sdk-'))
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** Installs a package with this module; what it was called with is in `globalThis.told`. */
const install = async (name: string, code: string): Promise<void> => {
  const folder = join(directory, 'node_modules', name)
  await Bun.write(join(folder, 'package.json'), JSON.stringify({ name, main: 'main.mjs' }))
  await Bun.write(join(folder, 'main.mjs'), code)
}

const told = (): any => Reflect.get(globalThis, 'told')

/** A provider package of one version, which notes its settings and options and answers what it is given. */
const fake = (version: string, parts: readonly unknown[], result: unknown) => `
const told = (globalThis.told = { made: 0 })
export const createFake = (settings) => {
  told.settings = settings
  told.made++
  const languageModel = (modelId) => ({
    specificationVersion: '${version}',
    provider: 'fake.chat',
    modelId,
    async doGenerate(options) {
      told.options = options
      return ${JSON.stringify(result)}
    },
    async doStream(options) {
      told.options = options
      const parts = ${JSON.stringify(parts)}
      return { stream: new ReadableStream({
        pull(controller) {
          const part = parts.shift()
          if (part) controller.enqueue(part)
          else controller.close()
        },
      }) }
    },
  })
  return { languageModel }
}
`

const failure = async (work: Promise<unknown>): Promise<GatewayError> => {
  const error = await work.then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(GatewayError)
  return error
}

describe('a package', () => {
  test('that is not installed is said to be missing, and found once it is', async () => {
    const gateway = await sdkGateway({ package: 'ai-fake' }, { directory })
    const error = await failure(gateway.ask())
    expect(error.code).toBe('upstream_unreachable')
    expect(error.message).toBe('The package ai-fake is not installed (bun add ai-fake).')
    expect(error.retryable).toBe(false)
    const content = [{ type: 'text', text: 'Hi.' }]
    await install('ai-fake', fake('v4', [], { content, finishReason: 'stop', usage: {} }))
    expect((await gateway.ask()).whole.choices?.[0]?.delta?.content).toBe('Hi.')
  })

  test.each([
    ['export const nothing = 1', 'is no provider package of the AI SDK'],
    ['throw new Error("sk-secret")', 'could not be loaded'],
    [fake('v1', [], {}), "speaks v1 of the AI SDK's specification, not v2, v3, v4"],
    [fake('v9', [], {}), "speaks v9 of the AI SDK's specification, not v2, v3, v4"],
    [fake('', [], {}), "speaks no known version of the AI SDK's specification, not v2, v3, v4"],
  ])('that cannot be used says why', async (code, why) => {
    await install('ai-fake', code)
    const gateway = await sdkGateway({ package: 'ai-fake' }, { directory })
    expect((await failure(gateway.ask())).message).toBe(`The package ai-fake ${why}.`)
  })

  test('is made once for each key, with the settings that stand in the YAML', async () => {
    const content = [{ type: 'text', text: 'Hi.' }]
    await install('ai-fake', fake('v4', [], { content, finishReason: 'stop', usage: {} }))
    const provider = {
      package: 'ai-fake',
      api_keys: ['k1', 'k2'],
      base_url: 'https://example.com/v1',
      headers: { 'X-Team': 'a' },
      settings: { region: 'eu' },
    }
    const gateway = await sdkGateway(provider, { directory })
    for (let at = 0; at < 6; at++) await gateway.ask()
    expect(told().made).toBe(2)
    const { fetch: send, ...settings } = told().settings
    expect(typeof send).toBe('function')
    expect(settings).toEqual({
      apiKey: expect.stringMatching(/^k[12]$/),
      baseURL: 'https://example.com/v1',
      headers: { 'x-team': 'a' },
      region: 'eu',
    })
  })

  test('may be a file, and export its provider instead of a factory', async () => {
    const code = fake('v4', [], {
      content: [{ type: 'text', text: 'Hi.' }],
      finishReason: { unified: 'stop', raw: 'end' },
      usage: {},
    })
    await Bun.write(
      join(directory, 'own.mjs'),
      `${code.replace('export const', 'const')}\nexport default createFake({})`,
    )
    const gateway = await sdkGateway({ package: './own.mjs' }, { directory })
    expect((await gateway.ask()).whole.choices?.[0]?.delta?.content).toBe('Hi.')
  })

  test('that does not listen to the signal is left all the same', async () => {
    const code = fake('v4', [], {})
      .replace('told.options = options', 'await new Promise(() => {})')
      .replace('const part = parts.shift()', 'return new Promise(() => {})')
    await install('ai-fake', code)
    const timeouts = { first_byte: '30ms', stall: '30ms', total: '20s' }
    const gateway = await sdkGateway({ package: 'ai-fake', timeouts }, { directory })
    expect((await failure(gateway.ask({ stream: false }))).code).toBe('upstream_timeout')
    expect((await failure(gateway.ask({ stream: true }))).code).toBe('upstream_timeout')
    const leaving = new AbortController()
    const asked = gateway.ask({ stream: true }, { signal: leaving.signal })
    leaving.abort()
    expect((await failure(asked)).code).toBe('client_closed')
  })

  test('that throws what is nobody’s business tells nobody', async () => {
    const code = fake('v4', [], {}).replace(
      'told.options = options',
      'throw new TypeError("cannot read sk-secret of " + JSON.stringify(options))',
    )
    await install('ai-fake', code)
    const gateway = await sdkGateway({ package: 'ai-fake' }, { directory })
    const error = await failure(gateway.ask())
    expect(error.code).toBe('upstream_invalid_response')
    expect(Bun.inspect(error)).not.toMatch(/sk-secret|Say hello/)
  })
})

const image = 'data:image/png;base64,AAAA'
const conversation = [
  { role: 'system', content: 'Be brief.' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'Look.' },
      { type: 'image_url', image_url: { url: image } },
      { type: 'image_url', image_url: { url: 'https://example.com/a' } },
      { type: 'input_audio', input_audio: { data: 'BBBB', format: 'mp3' } },
    ],
  },
  {
    role: 'assistant',
    content: 'I look.',
    tool_calls: [
      { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"at":1}' } },
      { id: 'c2', type: 'function', function: { name: 'look', arguments: '' } },
    ],
  },
  {
    role: 'tool',
    tool_call_id: 'c1',
    content: [
      { type: 'text', text: 'A chart.' },
      { type: 'image_url', image_url: { url: image } },
    ],
  },
  { role: 'tool', tool_call_id: 'c2', content: 'It broke.', is_error: true },
]

const usage = {
  inputTokens: { total: 10, noCache: 4, cacheRead: 5, cacheWrite: 1 },
  outputTokens: { total: 7, text: 4, reasoning: 3 },
}
const flatUsage = {
  inputTokens: 10,
  outputTokens: 7,
  totalTokens: 17,
  reasoningTokens: 3,
  cachedInputTokens: 5,
}

describe.each(['v2', 'v3', 'v4'])('a package of version %s', (version) => {
  const isNew = version === 'v4'
  const finishReason = version === 'v2' ? 'tool-calls' : { unified: 'tool-calls', raw: 'tools' }
  const data = (base64: string) => (isNew ? { type: 'data', data: base64 } : base64)
  const end = {
    type: 'finish',
    finishReason,
    usage: version === 'v2' ? flatUsage : usage,
  }
  const parts = [
    { type: 'stream-start', warnings: [{ type: 'unsupported', feature: 'seed' }] },
    { type: 'response-metadata', id: 'r1', modelId: 'real' },
    { type: 'reasoning-start', id: '0' },
    { type: 'reasoning-delta', id: '0', delta: 'Hm' },
    { type: 'reasoning-delta', id: '0', delta: '.' },
    { type: 'reasoning-end', id: '0' },
    { type: 'text-start', id: '1' },
    { type: 'text-delta', id: '1', delta: 'Zür' },
    { type: 'text-delta', id: '1', delta: 'ich' },
    { type: 'text-end', id: '1' },
    { type: 'source', sourceType: 'url', id: 's', url: 'https://a.example', title: 'A' },
    { type: 'file', mediaType: 'image/png', data: data('AAAA') },
    { type: 'tool-input-start', id: 'c1', toolName: 'look' },
    { type: 'tool-input-start', id: 'c2', toolName: 'look' },
    { type: 'tool-input-delta', id: 'c1', delta: '{"at"' },
    { type: 'tool-input-delta', id: 'c2', delta: '{"at"' },
    { type: 'tool-input-delta', id: 'c1', delta: ':1}' },
    { type: 'tool-input-delta', id: 'c2', delta: ':2}' },
    { type: 'tool-input-end', id: 'c1' },
    { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: '{"at":1}' },
    { type: 'tool-call', toolCallId: 'c2', toolName: 'look', input: '{"at":2}' },
    { type: 'tool-call', toolCallId: 'c3', toolName: 'rest', input: '' },
    { type: 'something-new', more: 1 },
    end,
  ]
  const result = {
    content: [
      { type: 'reasoning', text: 'Hm.' },
      { type: 'text', text: 'Zürich' },
      ...parts.filter(({ type }) => type === 'source' || type === 'file' || type === 'tool-call'),
    ],
    finishReason,
    usage: end.usage,
    response: { id: 'r1', modelId: 'real' },
    warnings: [{ type: 'unsupported-setting', setting: 'seed' }],
  }

  test('is given the conversation in its own words', async () => {
    await install('ai-fake', fake(version, parts, result))
    const gateway = await sdkGateway({ package: 'ai-fake' }, { directory })
    const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }]
    await gateway.ask({
      messages: conversation,
      tools,
      tool_choice: {
        type: 'allowed_tools',
        allowed_tools: {
          mode: 'required',
          tools: [{ type: 'function', function: { name: 'look' } }],
        },
      },
      reasoning: { effort: 'high' },
      top_k: 3,
      stop: ['a', 'b'],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 's', schema: { type: 'object' } },
      },
    })
    const { prompt, abortSignal, ...options } = told().options
    expect(abortSignal).toBeInstanceOf(AbortSignal)
    expect(options).toEqual({
      stopSequences: ['a', 'b'],
      topK: 3,
      responseFormat: { type: 'json', name: 's', schema: { type: 'object' } },
      tools: [{ type: 'function', name: 'look', inputSchema: { type: 'object' } }],
      toolChoice: { type: 'required' },
      ...(isNew && { reasoning: 'high' }),
      providerOptions: { fake: isNew ? {} : { reasoningEffort: 'high' } },
    })
    const url = new URL('https://example.com/a')
    const resultImage = {
      v2: { type: 'media', data: 'AAAA', mediaType: 'image/png' },
      v3: { type: 'image-data', data: 'AAAA', mediaType: 'image/png' },
      v4: { type: 'file', data: { type: 'data', data: 'AAAA' }, mediaType: 'image/png' },
    }[version]
    expect(prompt).toEqual([
      { role: 'system', content: 'Be brief.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look.' },
          { type: 'file', mediaType: 'image/png', data: data('AAAA') },
          { type: 'file', mediaType: 'image/jpeg', data: isNew ? { type: 'url', url } : url },
          { type: 'file', mediaType: 'audio/mpeg', data: data('BBBB') },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'I look.' },
          { type: 'tool-call', toolCallId: 'c1', toolName: 'look', input: { at: 1 } },
          { type: 'tool-call', toolCallId: 'c2', toolName: 'look', input: {} },
        ],
      },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'c1',
            toolName: 'look',
            output: { type: 'content', value: [{ type: 'text', text: 'A chart.' }, resultImage] },
          },
          {
            type: 'tool-result',
            toolCallId: 'c2',
            toolName: 'look',
            output: { type: 'error-text', value: 'It broke.' },
          },
        ],
      },
    ])
  })

  test.each([true, false])('is understood (streamed: %p)', async (stream) => {
    await install('ai-fake', fake(version, parts, result))
    const gateway = await sdkGateway({ package: 'ai-fake' }, { directory })
    const { whole, call, chunks } = await gateway.ask({ stream })
    expect(call.vars.get(warnings)).toEqual(['seed is not available at this provider'])
    expect(whole).toMatchObject({ id: 'r1', model: 'real', provider: 'p' })
    const called = (id: string, name: string, args: string, index: number) => ({
      index,
      id,
      type: 'function',
      function: { name, arguments: args },
    })
    expect(whole.choices).toEqual([
      {
        index: 0,
        delta: {
          role: 'assistant',
          reasoning: 'Hm.',
          reasoning_details: [{ type: 'reasoning.text', text: 'Hm.', index: 0, format: 'unknown' }],
          content: 'Zürich',
          images: [{ type: 'image_url', image_url: { url: image }, index: 0 }],
          tool_calls: [
            called('c1', 'look', '{"at":1}', 0),
            called('c2', 'look', '{"at":2}', 1),
            called('c3', 'rest', '{}', 2),
          ],
          annotations: [
            { type: 'url_citation', url_citation: { url: 'https://a.example', title: 'A' } },
          ],
        },
        finish_reason: 'tool_calls',
        native_finish_reason: version === 'v2' ? 'tool-calls' : 'tools',
      },
    ])
    expect(whole.usage).toMatchObject({
      prompt_tokens: 10,
      completion_tokens: 7,
      total_tokens: 17,
      prompt_tokens_details: { cached_tokens: 5 },
      completion_tokens_details: { reasoning_tokens: 3 },
    })
    expect(
      chunks.every(({ object }) => object === `chat.completion${stream ? '.chunk' : ''}`),
    ).toBe(true)
  })

  test('never passes a stream off as whole that it did not see end', async () => {
    const unknown = version === 'v2' ? 'unknown' : { unified: 'other', raw: undefined }
    for (const last of [[], [{ ...end, finishReason: unknown }]]) {
      await rm(join(directory, 'node_modules'), { recursive: true, force: true })
      const name = `ai-fake-${last.length}`
      await install(name, fake(version, [...parts.slice(0, 9), ...last], {}))
      const gateway = await sdkGateway({ package: name }, { directory })
      const error = await failure(gateway.ask({ stream: true }))
      expect(error.code).toBe('upstream_disconnected')
    }
  })

  test('fails as its error part says', async () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
    await install('ai-fake', fake(version, [parts[0], error], {}))
    const gateway = await sdkGateway({ package: 'ai-fake' }, { directory })
    expect((await failure(gateway.ask({ stream: true }))).code).toBe('provider_overloaded')
  })
})

describe('signatures of Google’s', () => {
  const signed = (thoughtSignature: string) => ({ google: { thoughtSignature } })
  const parts = [
    { type: 'reasoning-start', id: '0' },
    { type: 'reasoning-delta', id: '0', delta: 'Hm.' },
    { type: 'reasoning-end', id: '0', providerMetadata: signed('T0') },
    { type: 'text-start', id: '1' },
    { type: 'text-delta', id: '1', delta: 'Hi.' },
    { type: 'text-end', id: '1', providerMetadata: signed('T1') },
    {
      type: 'tool-call',
      toolCallId: 'c1',
      toolName: 'look',
      input: '{}',
      providerMetadata: signed('T2'),
    },
    { type: 'finish', finishReason: { unified: 'tool-calls', raw: 'STOP' }, usage },
  ]

  test('come back to the parts that they sign', async () => {
    await install('google-fake', fake('v4', parts, {}))
    const gateway = await sdkGateway({ package: 'google-fake' }, { directory })
    const { whole } = await gateway.ask({ stream: true })
    const message = { role: 'assistant', ...whole.choices?.[0]?.delta } as any
    const format = 'google-gemini-v1'
    expect(message.reasoning_details).toEqual([
      { type: 'reasoning.text', text: 'Hm.', signature: 'T0', index: 0, format },
      { type: 'reasoning.encrypted', data: 'T1', index: 1, format },
      { type: 'reasoning.encrypted', data: 'T2', id: 'c1', index: 2, format },
    ])
    await gateway.ask({ stream: true, messages: [{ role: 'user', content: 'a' }, message] })
    const [, assistant] = told().options.prompt
    expect(
      assistant.content.map(({ type, providerOptions }: any) => [
        type,
        providerOptions?.google?.thoughtSignature,
      ]),
    ).toEqual([
      ['reasoning', 'T0'],
      ['text', 'T1'],
      ['tool-call', 'T2'],
    ])
  })
})

describe('the daemon', () => {
  test('serves a package to its clients and tells what was left out', async () => {
    await using provider = await startProvider()
    provider.always(replaysFixture('anthropic', 'text'))
    const config = JSON.stringify({
      server: { discover: false },
      providers: {
        claude: {
          dialect: 'ai-sdk',
          package: join(root, 'node_modules', '@ai-sdk', 'anthropic'),
          base_url: provider.url,
          api_key: 'k',
        },
      },
    })
    await using sluice = await startSluice({ config })
    const response = await fetch(`${sluice.v1}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'claude/claude-x',
        stream: true,
        seed: 1,
        max_tokens: 99,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    })
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sluice-warnings')).toContain('seed is not available')
    const text = await response.text()
    expect(text).toContain('"provider":"claude"')
    expect(text).toEndWith('data: [DONE]\n\n')
  })

  test('is told by `sluice check` which package to install', async () => {
    const config = '{ providers: { coral: { dialect: ai-sdk, package: "ai-fake" } } }'
    await Bun.write(join(directory, 'config.yaml'), config)
    const run = () => {
      const file = join(directory, 'config.yaml')
      const main = join(root, 'src', 'main.ts')
      const { exitCode, stdout, stderr } = Bun.spawnSync(
        [process.execPath, main, 'check', '--config', file],
        { env: { PATH: process.env.PATH ?? '', HOME: directory } },
      )
      return { exitCode, said: stdout.toString() + stderr.toString() }
    }
    const { exitCode, said } = run()
    expect(said).toContain(
      'providers.coral.package: is not installed where this file is: bun add ai-fake',
    )
    expect(exitCode).toBe(78)
    await install('ai-fake', fake('v4', [], {}))
    expect(run()).toMatchObject({ exitCode: 0 })
  })
})
