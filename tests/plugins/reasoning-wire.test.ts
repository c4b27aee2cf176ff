import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { status } from '../support/scripts.ts'
import { bodyFor, surfaces, type SurfaceName } from '../support/formats.ts'
import { startFormats, type FormatsLab } from '../support/formats-lab.ts'
import { postJson } from '../support/post.ts'

const names = Object.keys(surfaces) as SurfaceName[]

/** Providers as their presets know them, all at one address. */
const presets = ['vllm', 'ollama', 'deepseek', 'dashscope', 'together', 'groq', 'openrouter']

const providers = (base_url: string) => ({
  own: { preset: 'openai', base_url, api_key: 'sk-own', dialect: 'openai' },
  'own-responses': { preset: 'openai', base_url, api_key: 'sk-own', dialect: 'responses' },
  box: { base_url, auth: 'none' },
  far: { base_url, preset: 'novita', auth: 'none' },
  ...Object.fromEntries(
    presets.map((preset) => [preset, { preset, base_url, auth: 'none', dialect: 'openai' }]),
  ),
})

/** All that a provider is told of thinking, in whichever words. */
const toldOf = (body: any): object => {
  const fields = [
    'reasoning_effort',
    'reasoning',
    'include_reasoning',
    'thinking',
    'enable_thinking',
    'thinking_budget',
    'chat_template_kwargs',
  ]
  const config = body.generationConfig?.thinkingConfig
  const effort = body.output_config?.effort
  return {
    ...Object.fromEntries(
      fields.filter((field) => body[field] !== undefined).map((field) => [field, body[field]]),
    ),
    ...(config && { thinkingConfig: config }),
    ...(effort && { effort }),
  }
}

const start = (options: object, ...order: readonly unknown[]) =>
  startFormats(order.length > 0 ? order : [{ reasoning: options }, 'fallback'], { providers })

const ask = async (lab: FormatsLab, surface: SurfaceName, model: string, more: object = {}) => {
  const before = lab.provider.requests.length
  const answer = await lab.post(surface, model, { ...bodyFor(surface, model), ...more })
  const text = await answer.text()
  const sent = lab.provider.requests.slice(before).at(-1)?.json
  return { status: answer.status, headers: answer.headers, text, told: sent && toldOf(sent) }
}

/** What a request that asks for nothing becomes, by model. */
const silent: Readonly<Record<string, object>> = {
  'own/gpt-5.2': { reasoning_effort: 'none' },
  'own/gpt-5': { reasoning_effort: 'minimal' },
  'own/o4-mini': { reasoning_effort: 'low' },
  'own/gpt-5.2-codex': { reasoning_effort: 'low' },
  'own/gpt-4o': {},
  'own-responses/gpt-5.2': { reasoning: { effort: 'none' } },
  'own-responses/gpt-5': { reasoning: { effort: 'minimal' } },
  'own-responses/gpt-4o': {},
  'anthropic/claude-sonnet-4-5': {},
  'anthropic/glm-4.6': { thinking: { type: 'disabled' } },
  'gemini/gemini-2.5-flash': { thinkingConfig: { includeThoughts: false, thinkingBudget: 0 } },
  'gemini/gemini-3-flash': { thinkingConfig: { thinkingLevel: 'minimal' } },
  'gemini/gemini-3-pro': { thinkingConfig: { thinkingLevel: 'low' } },
  'gemini/gemini-2.5-pro': { thinkingConfig: { thinkingBudget: 128 } },
  'vllm/Qwen/Qwen3-8B': { chat_template_kwargs: { enable_thinking: false, thinking: false } },
  'box/qwen3-8b': { chat_template_kwargs: { enable_thinking: false, thinking: false } },
  'ollama/qwen3:8b': { reasoning_effort: 'none' },
  'deepseek/deepseek-v4-pro': { thinking: { type: 'disabled' } },
  'deepseek/deepseek-reasoner': {},
  'deepseek/deepseek-chat': {},
  'dashscope/qwen3.5-397b-a17b': { enable_thinking: false },
  'together/zai-org/GLM-5': { reasoning: { enabled: false } },
  'groq/qwen/qwen3-32b': { reasoning_effort: 'none' },
  'groq/openai/gpt-oss-120b': { reasoning_effort: 'low' },
  'openrouter/z-ai/glm-4.6': { reasoning: { effort: 'none', enabled: false } },
  'far/qwen3-8b': {},
  'far/m': {},
}

describe.each([
  ['before fallback', [{ reasoning: {} }, 'fallback']],
  ['after fallback', ['fallback', { reasoning: {} }]],
  ['alone', [{ reasoning: {} }]],
] as const)('a request that asks for no thought, %s', (_place, order) => {
  let lab: FormatsLab
  beforeAll(async () => {
    lab = await start({}, ...order)
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  for (const surface of names)
    test(`costs none, from ${surface}`, async () => {
      const found: Record<string, object | undefined> = {}
      for (const model of Object.keys(silent)) {
        const { status, told } = await ask(lab, surface, model)
        expect([model, status]).toEqual([model, 200])
        found[model] = told
      }
      expect(found).toMatchObject(silent)
      for (const [model, told] of Object.entries(silent))
        expect([model, Object.keys(found[model] ?? {}).sort()]).toEqual([
          model,
          Object.keys(told).sort(),
        ])
    })

  test('is told where nothing can be done', async () => {
    const { headers } = await ask(lab, 'chat', 'far/qwen3-8b')
    expect(headers.get('x-sluice-warnings')).toContain('cannot be told not to think')
  })
})

/** The same wish in every format. */
const wishing: Readonly<Record<SurfaceName, (effort: string) => object>> = {
  chat: (effort) => ({ reasoning: { effort }, max_tokens: 10_000 }),
  responses: (effort) => ({ reasoning: { effort }, max_output_tokens: 10_000 }),
  messages: (effort) => ({
    max_tokens: 10_000,
    thinking: { type: 'adaptive' },
    output_config: { effort },
  }),
  gemini: (effort) => ({
    generationConfig: { maxOutputTokens: 10_000, thinkingConfig: { thinkingLevel: effort } },
  }),
}

describe('what is asked for', () => {
  let lab: FormatsLab
  beforeAll(async () => {
    lab = await start({})
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  /** Of 10,000 tokens, as OpenRouter's ratios have it. */
  const budgets = {
    minimal: 1_024,
    low: 2_000,
    medium: 5_000,
    high: 8_000,
    xhigh: 9_500,
    max: 9_500,
  }
  for (const [effort, budget] of Object.entries(budgets))
    test(`${effort} is the budget that OpenRouter gives it, once`, async () => {
      const { told } = await ask(lab, 'chat', 'anthropic/claude-sonnet-4-5', wishing.chat(effort))
      expect(told).toMatchObject({ thinking: { type: 'enabled', budget_tokens: budget } })
      const gemini = await ask(lab, 'chat', 'gemini/gemini-2.5-flash', wishing.chat(effort))
      const least = effort === 'minimal' ? 1_000 : budget
      expect(gemini.told).toEqual({
        thinkingConfig: { includeThoughts: true, thinkingBudget: least },
      })
    })

  test.each([
    ['own/gpt-5', 'xhigh', { reasoning_effort: 'high' }],
    ['own/gpt-5', 'minimal', { reasoning_effort: 'minimal' }],
    ['own/gpt-5.2', 'xhigh', { reasoning_effort: 'xhigh' }],
    ['own/gpt-5.2', 'minimal', { reasoning_effort: 'low' }],
    ['own/o4-mini', 'minimal', { reasoning_effort: 'low' }],
    ['own/o4-mini', 'max', { reasoning_effort: 'high' }],
    ['groq/openai/gpt-oss-20b', 'xhigh', { reasoning_effort: 'high' }],
    [
      'gemini/gemini-3-pro',
      'medium',
      { thinkingConfig: { includeThoughts: true, thinkingLevel: 'low' } },
    ],
    [
      'gemini/gemini-3-flash',
      'medium',
      { thinkingConfig: { includeThoughts: true, thinkingLevel: 'medium' } },
    ],
    ['own-responses/gpt-5', 'xhigh', { reasoning: { effort: 'high', summary: 'auto' } }],
    ['own-responses/o4-mini', 'minimal', { reasoning: { effort: 'low', summary: 'auto' } }],
  ] as const)('of %s, %s becomes what the model has', async (model, effort, expected) => {
    expect((await ask(lab, 'chat', model, wishing.chat(effort))).told).toEqual(expected)
  })

  test('stays the client’s own where it fits', async () => {
    const reasoning = { effort: 'high', summary: 'auto' }
    for (const model of ['openrouter/z-ai/glm-4.6', 'far/m'])
      expect((await ask(lab, 'chat', model, { reasoning })).told).toEqual({ reasoning })
    expect((await ask(lab, 'responses', 'own-responses/gpt-5.2', { reasoning })).told).toEqual({
      reasoning,
    })
    const thinking = { type: 'enabled', budget_tokens: 2_048 }
    expect((await ask(lab, 'messages', 'anthropic/claude-sonnet-4-5', { thinking })).told).toEqual({
      thinking,
    })
    const thinkingConfig = { thinkingBudget: 77, includeThoughts: true }
    const told = await ask(lab, 'gemini', 'gemini/gemini-2.5-flash', {
      generationConfig: { thinkingConfig },
    })
    expect(told.told).toEqual({ thinkingConfig })
  })

  test.each([
    ['chat', { reasoning: { max_tokens: 6_000 }, max_tokens: 10_000 }],
    ['chat', { reasoning_effort: 'medium', max_tokens: 10_000 }],
    ['chat', { reasoning: { enabled: true }, max_tokens: 10_000 }],
    ['responses', wishing.responses('medium')],
    ['messages', { max_tokens: 10_000, thinking: { type: 'enabled', budget_tokens: 6_000 } }],
    ['gemini', wishing.gemini('medium')],
    [
      'gemini',
      { generationConfig: { maxOutputTokens: 10_000, thinkingConfig: { thinkingBudget: 6_000 } } },
    ],
  ] as const)('from %s as %j it is medium to OpenAI', async (surface, body) => {
    expect((await ask(lab, surface, 'own/gpt-5', body)).told).toEqual({
      reasoning_effort: 'medium',
    })
    expect((await ask(lab, surface, 'own-responses/gpt-5', body)).told).toMatchObject({
      reasoning: { effort: 'medium' },
    })
  })

  test('is said in the provider’s own words where these are known', async () => {
    const wish = { reasoning: { effort: 'low' }, max_tokens: 10_000 }
    const told = async (model: string) => (await ask(lab, 'chat', model, wish)).told
    expect(await told('deepseek/deepseek-chat')).toEqual({
      thinking: { type: 'enabled' },
      reasoning_effort: 'low',
    })
    expect(await told('vllm/deepseek-v3.1')).toEqual({
      chat_template_kwargs: { enable_thinking: true, thinking: true },
      reasoning_effort: 'low',
    })
    expect(await told('dashscope/qwen-plus')).toEqual({
      enable_thinking: true,
      thinking_budget: 2_000,
    })
    expect(await told('ollama/qwen3:8b')).toEqual({ reasoning_effort: 'low' })
    expect(await told('together/zai-org/GLM-5')).toEqual({ reasoning: { effort: 'low' } })
  })

  test('OpenAI’s Responses hear nothing of words that only OpenRouter has', async () => {
    for (const more of [
      { exclude: true },
      { enabled: true },
      { max_tokens: 999, exclude: false },
    ]) {
      const reasoning = { effort: 'low', ...more }
      const { told } = await ask(lab, 'responses', 'own-responses/gpt-5.2', { reasoning })
      expect(told).toEqual({ reasoning: { effort: 'low' } })
    }
  })

  test(':thinking asks too', async () => {
    const { told } = await ask(lab, 'chat', 'deepseek/deepseek-v4-pro:thinking')
    expect(told).toEqual({ thinking: { type: 'enabled' }, reasoning_effort: 'medium' })
  })

  test('a client that says none is told none, in the provider’s own words', async () => {
    const none: Readonly<Record<SurfaceName, object>> = {
      chat: { reasoning: { effort: 'none' } },
      responses: { reasoning: { effort: 'none' } },
      messages: { thinking: { type: 'disabled' } },
      gemini: { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
    }
    for (const surface of names) {
      const { told } = await ask(lab, surface, 'vllm/qwen3-8b', none[surface])
      expect(told).toEqual({ chat_template_kwargs: { enable_thinking: false, thinking: false } })
    }
  })

  test('none is refused by a model that cannot help thinking; other ways to say so get the least', async () => {
    for (const more of [{ reasoning: { effort: 'none' } }, { reasoning_effort: 'none' }]) {
      const { status, text } = await ask(lab, 'chat', 'own/gpt-5', more)
      expect(status).toBe(400)
      expect(JSON.parse(text).error.param).toBe('reasoning.effort')
    }
    const off = await ask(lab, 'messages', 'own/gpt-5', { thinking: { type: 'disabled' } })
    expect([off.status, off.told]).toEqual([200, { reasoning_effort: 'minimal' }])
    expect(off.headers.get('x-sluice-warnings')).toContain('cannot stop thinking')
  })

  test('two efforts that differ are a mistake', async () => {
    const { status } = await ask(lab, 'chat', 'own/gpt-5', {
      reasoning: { effort: 'low' },
      reasoning_effort: 'high',
    })
    expect(status).toBe(400)
  })
})

test('who is asked second is told in its own words, not in those of the first', async () => {
  await using lab = await start({ max_effort: 'medium' })
  lab.provider.next(status(503, 'busy'), status(503, 'busy'))
  const { status: answered, headers } = await ask(lab, 'chat', 'deepseek/deepseek-v4-pro', {
    models: ['own/gpt-5', 'anthropic/claude-sonnet-4-5'],
    reasoning: { effort: 'high' },
    max_tokens: 10_000,
  })
  expect(answered).toBe(200)
  expect(lab.provider.requests.map(({ json }) => toldOf(json))).toEqual([
    { thinking: { type: 'enabled' }, reasoning_effort: 'medium' },
    { reasoning_effort: 'medium' },
    { thinking: { type: 'enabled', budget_tokens: 5_000 } },
  ])
  expect(headers.get('x-sluice-warnings')).toBe('reasoning: lowered to effort medium')
})

test('a model that must think is passed over for one that need not', async () => {
  await using lab = await start({})
  const { status: answered, told } = await ask(lab, 'chat', 'own/gpt-5', {
    models: ['own/gpt-5.2'],
    reasoning: { effort: 'none' },
  })
  expect([answered, told, lab.provider.requests.length]).toEqual([
    200,
    { reasoning_effort: 'none' },
    1,
  ])
})

test('the plugin may stand there twice, for different callers', async () => {
  await using lab = await startFormats(
    [
      { auth: { keys: { ann: { key: 'sk-ann' }, bob: { key: 'sk-bob' } } } },
      { reasoning: { for: { callers: ['ann'] }, max_effort: 'low' } },
      { reasoning: { for: { callers: ['bob'] }, allow: ['none'], when_not_allowed: 'refuse' } },
      'fallback',
    ],
    { providers },
  )
  const as = async (key: string) => {
    const { status: answered } = await postJson(
      `${lab.sluice.v1}/chat/completions`,
      { ...bodyFor('chat', 'own/gpt-5'), reasoning: { effort: 'high' } },
      { headers: { authorization: `Bearer ${key}` } },
    )
    return answered
  }
  expect([await as('sk-ann'), await as('sk-bob')]).toEqual([200, 403])
  expect(toldOf(lab.sent())).toEqual({ reasoning_effort: 'low' })
})
