import { describe, expect, test } from 'bun:test'
import {
  collect,
  continuing,
  GatewayError,
  seams,
  type Call,
  type Chunk,
  type Handler,
} from 'sluice/plugin'
import { contract, fails, fakeCall, mount, says, type Turn } from 'sluice/testing'
import resume from '../../plugins/resume.ts'
import { createSeam } from '../../plugins/resume/rest.ts'
import { setUp, type SetUp } from './fallback-endpoints.ts'

contract(resume, {})

const half = 'The answer is '
const dies = fails('upstream_disconnected', half)

/** The plugin around `fallback`, whose endpoints a, b and c take turns. */
const resuming = async (parts: SetUp, options: { attempts?: number } = {}) => {
  const lab = await setUp(parts)
  const handler: Handler = await mount(resume, options, lab.handler)
  const ask = async (request: Partial<Call['request']> = {}, given: Partial<Call> = {}) => {
    const call = fakeCall({ model: 'm', stream: true, ...request }, given)
    const chunks: Chunk[] = []
    let error: string | undefined
    try {
      for await (const chunk of handler(call)) chunks.push(chunk)
    } catch (thrown) {
      error = (thrown as GatewayError).code
    }
    const text = chunks.map(({ choices }) => choices?.[0]?.delta?.content ?? '').join('')
    return { call, chunks, error, text }
  }
  return { ...lab, ask }
}

const turns = (rest: string, more: Turn = dies) => ({ a: [more], b: [says(rest)] })

describe('a text that broke off', () => {
  test('is gone on with by another endpoint, in one stream', async () => {
    const { ask, order } = await resuming({ turns: turns('42.') })
    const { text, error, chunks, call } = await ask()
    expect([text, error]).toEqual(['The answer is 42.', undefined])
    expect(order()).toBe('ab')
    expect(chunks.filter(({ choices }) => choices?.[0]?.delta?.role)).toHaveLength(1)
    expect(chunks.filter(({ choices }) => choices?.[0]?.finish_reason)).toHaveLength(1)
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1)
    expect(call.vars.get(seams)).toEqual([{ from: 'a/m', to: 'b/m', at: half.length }])
    expect(call.vars.get(continuing)).toBe(false)
  })

  test('is shown to it as the beginning of its own answer, without white space at its end', async () => {
    const { ask, asked } = await resuming({ turns: turns('42.') })
    await ask({ max_tokens: 100, reasoning_effort: 'high' })
    const { request, vars } = asked[1]!
    expect(request.messages?.at(-1)).toEqual({ role: 'assistant', content: 'The answer is' })
    expect(vars.get(continuing)).toBe(true)
    expect(request.max_tokens).toBeWithin(90, 100)
    expect(request.reasoning).toEqual({ enabled: false })
    expect(request.reasoning_effort).toBeUndefined()
  })

  test('follows what the client itself had begun', async () => {
    const { ask, asked } = await resuming({ turns: turns('42.') })
    await ask({ messages: [{ role: 'assistant', content: 'Well. ' }] })
    expect(asked[1]?.request.messages).toEqual([
      { role: 'assistant', content: 'Well. The answer is' },
    ])
  })

  test('costs what both have cost', async () => {
    const { ask } = await resuming({ turns: turns('42.') })
    const { chunks } = await ask()
    const usages = chunks.flatMap(({ usage }) => (usage ? [usage] : []))
    expect(usages).toHaveLength(1)
    const [usage] = usages
    expect(usage?.estimated).toBe(true)
    expect(usage?.completion_tokens).toBeGreaterThan(5)
    expect(usage?.prompt_tokens).toBeGreaterThanOrEqual(3)
    expect(usage?.total_tokens).toBe(usage!.prompt_tokens + usage!.completion_tokens!)
  })

  test.each([
    'upstream_timeout',
    'upstream_reset',
    'provider_overloaded',
    'upstream_error',
  ] as const)('is gone on with after %s too', async (code) => {
    const { ask } = await resuming({ turns: turns('42.', fails(code, half)) })
    expect((await ask()).text).toBe('The answer is 42.')
  })

  test('goes on elsewhere once, or twice where that may be', async () => {
    const parts = {
      turns: { a: [dies], b: [fails('upstream_timeout', 'about ')], c: [says('42.')] },
    }
    const once = await (await resuming(parts)).ask()
    expect([once.text, once.error]).toEqual(['The answer is about ', 'upstream_timeout'])
    const lab = await resuming(parts, { attempts: 2 })
    const twice = await lab.ask()
    expect([twice.text, twice.error]).toEqual(['The answer is about 42.', undefined])
    expect(twice.call.vars.get(seams).map(({ to, at }) => [to, at])).toEqual([
      ['b/m', 14],
      ['c/m', 20],
    ])
  })

  test('ends with its own error where nobody goes on', async () => {
    const broken = { a: [dies], b: [fails()], c: [fails()] }
    const { ask, order } = await resuming({ turns: broken })
    const { text, error, call } = await ask()
    expect([text, error]).toEqual([half, 'upstream_disconnected'])
    expect(order()).toBe('abc')
    expect(call.vars.get(seams)).toEqual([])
  })

  test('is not gone on with by the endpoint that broke off', async () => {
    const { ask, order } = await resuming({ routes: { m: ['a'] }, turns: { a: [dies] } })
    expect((await ask()).error).toBe('upstream_disconnected')
    expect(order()).toBe('a')
  })

  test('goes to the model that spoke, and to another only where the request names it', async () => {
    const parts = {
      routes: { m: ['a'], n: ['b', 'c'], o: ['d'] },
      turns: { a: [fails()], b: [dies], c: [fails()], d: [says('42.')] },
    }
    const lab = await resuming(parts)
    const { text } = await lab.ask({ models: ['n', 'o'] })
    expect(text).toBe('The answer is 42.')
    expect(lab.order()).toBe('abcd')
    const alone = await resuming(parts)
    expect((await alone.ask({ model: 'n' })).error).toBe('upstream_disconnected')
    expect(alone.order()).toBe('bc')
  })
})

describe('is left as it is', () => {
  test.each([
    ['tools', { tools: [{ type: 'function' }] }],
    ['a form', { response_format: { type: 'json_schema' } }],
    ['several answers', { n: 2 }],
    ['sound', { modalities: ['text', 'audio'] }],
    ['probabilities', { logprobs: true }],
  ])('what asks for %s', async (_name, request) => {
    const { ask, order } = await resuming({ turns: turns('42.') })
    const { text, error } = await ask(request)
    expect([text, error, order()]).toEqual([half, 'upstream_disconnected', 'a'])
  })

  test.each([
    'client_closed',
    'server_shutting_down',
    'plugin_error',
    'content_policy_violation',
  ] as const)('an answer that ended with %s', async (code) => {
    const { ask, order } = await resuming({ turns: turns('42.', fails(code, half)) })
    expect([(await ask()).error, order()]).toEqual([code, 'a'])
  })

  test.each([
    ['a tool call', { tool_calls: [{ index: 0, id: 'x', function: { name: 'f' } }] }],
    ['a refusal', { refusal: 'I' }],
    ['an image', { images: [{ type: 'image_url' }] }],
  ])('an answer in which %s has begun', async (_name, delta) => {
    const begins: Turn = async function* begins() {
      yield { id: 'x', choices: [{ index: 0, delta: { role: 'assistant', content: 'So: ' } }] }
      yield { id: 'x', choices: [{ index: 0, delta }] }
      throw new GatewayError('upstream_disconnected')
    }
    const { ask, order } = await resuming({ turns: turns('42.', begins) })
    expect([(await ask()).error, order()]).toEqual(['upstream_disconnected', 'a'])
  })

  test('an answer that has ended but for its usage', async () => {
    const ends: Turn = async function* ends() {
      yield { id: 'x', choices: [{ index: 0, delta: { content: 'All.' }, finish_reason: 'stop' }] }
      throw new GatewayError('upstream_timeout')
    }
    const { ask, order } = await resuming({ turns: turns('42.', ends) })
    expect([(await ask()).error, order()]).toEqual(['upstream_timeout', 'a'])
  })

  test('a call that nobody has planned', async () => {
    const handler = await mount(resume, {}, dies)
    await expect(collect(handler(fakeCall({ stream: true })))).rejects.toThrow('broke off')
  })
})

test('what was only thought is not said to be the answer: that is asked for anew', async () => {
  const thinks: Turn = async function* thinks() {
    yield { id: 'x', choices: [{ index: 0, delta: { reasoning: 'Six by nine…' } }] }
    throw new GatewayError('upstream_disconnected')
  }
  const { ask, asked } = await resuming({ turns: turns('42.', thinks) })
  const { text, chunks } = await ask()
  expect(text).toBe('42.')
  expect(asked[1]?.request.messages).toHaveLength(1)
  expect(asked[1]?.vars.get(continuing)).toBe(false)
  expect(chunks.some(({ choices }) => choices?.[0]?.delta?.reasoning)).toBe(true)
})

describe('the white space at the seam', () => {
  const joined = (space: string, pieces: readonly string[]) => {
    const join = createSeam(space)
    return space + pieces.map(join).join('')
  }

  test('is there once, whether it is said again, in pieces, or not at all', () => {
    expect(joined(' ', [' forty', ' two'])).toBe(' forty two')
    expect(joined(' ', ['forty'])).toBe(' forty')
    expect(joined('\n\n', ['\n', '\nNext'])).toBe('\n\nNext')
    expect(joined('\n\n', ['\n', 'Next'])).toBe('\n\nNext')
    expect(joined('', [' forty'])).toBe(' forty')
  })

  test('does not swallow anything else that is said again', () => {
    expect(joined(' ', ['  - a', ' - a'])).toBe('  - a - a')
    expect(joined('', ['ha', 'ha'])).toBe('haha')
  })
})
