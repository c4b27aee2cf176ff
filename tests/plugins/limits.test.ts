import { describe, expect, test } from 'bun:test'
import { collect, GatewayError, notices, type Request } from 'sluice/plugin'
import { contract, fakeCall, mount, says, scripted } from 'sluice/testing'
import limits from '../../plugins/limits.ts'
import { bodyFor, surfaces } from '../support/formats.ts'
import { startFormats } from '../support/formats-lab.ts'

contract(limits, { characters: 100_000, max_tokens: 1_000 })

const base64 = (bytes: number) => Buffer.alloc(bytes, 1).toString('base64')
const image = (bytes: number) => ({
  type: 'image_url',
  image_url: { url: `data:image/png;base64,${base64(bytes)}` },
})
const file = (bytes: number) => ({
  type: 'file',
  file: { filename: 'a.pdf', file_data: `data:application/pdf;base64,${base64(bytes)}` },
})
const withParts = (...content: { type: string }[]): Partial<Request> => ({
  messages: [{ role: 'user', content }],
})
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object' } } }

/** What the client is told; undefined where the provider was asked. */
const refusal = async (options: object, request: Partial<Request>) => {
  const provider = scripted(says('Hi.'))
  const handler = await mount(limits, options, provider)
  try {
    await collect(handler(fakeCall(request)))
    expect(provider.calls).toHaveLength(1)
    return undefined
  } catch (thrown) {
    expect(provider.calls).toHaveLength(0)
    if (!(thrown instanceof GatewayError)) throw thrown
    return [thrown.status, thrown.details.param, thrown.message]
  }
}

const says5 = { messages: [{ role: 'user', content: '12345' }] }

describe.each([
  ['characters', { characters: 5 }, { characters: 4 }, says5, 413, 'messages'],
  [
    'characters of a completion',
    { characters: 5 },
    { characters: 4 },
    { messages: undefined, prompt: '12345' },
    413,
    'prompt',
  ],
  [
    'tokens',
    { tokens: 20 },
    { tokens: 5 },
    { messages: [{ role: 'user', content: 'one two three four five six seven' }] },
    413,
    'messages',
  ],
  ['tools', { tools: 2 }, { tools: 1 }, { tools: [tool, tool] }, 400, 'tools'],
  ['no tools at all', { tools: 1 }, { tools: 0 }, { tools: [tool] }, 400, 'tools'],
  [
    'images',
    { images: 2 },
    { images: 1 },
    withParts(image(3), image(3)),
    400,
    'messages[0].content[1]',
  ],
  [
    'image bytes',
    { image_bytes: 100 },
    { image_bytes: 99 },
    withParts(image(100)),
    413,
    'messages[0].content[0]',
  ],
  [
    'files',
    { files: 1, images: 0 },
    { files: 0 },
    withParts(file(3)),
    400,
    'messages[0].content[0]',
  ],
  [
    'file bytes',
    { file_bytes: 101 },
    { file_bytes: 100 },
    withParts(file(101)),
    413,
    'messages[0].content[0]',
  ],
  ['max_tokens', { max_tokens: 10 }, { max_tokens: 9 }, { max_tokens: 10 }, 400, 'max_tokens'],
  [
    'max_completion_tokens',
    { max_tokens: 10 },
    { max_tokens: 9 },
    { max_completion_tokens: 10 },
    400,
    'max_completion_tokens',
  ],
] as const)('%s', (_name, enough, less, request, status, param) => {
  test('at the limit it passes', async () => {
    expect(await refusal(enough, request as Partial<Request>)).toBeUndefined()
  })
  test('above it is refused, by name, and nobody is asked', async () => {
    const told = await refusal(less, request as Partial<Request>)
    expect(told?.slice(0, 2)).toEqual([status, param])
    expect(String(told?.[2])).not.toContain('12345')
  })
})

test('more messages than allowed are refused', async () => {
  const messages = [says5.messages[0]!, says5.messages[0]!]
  expect(await refusal({ messages: 1 }, { messages })).toEqual([
    400,
    'messages',
    'messages: 2 are more than the 1 allowed here.',
  ])
})

test('an image of which only the address is sent counts as one, of no known size', async () => {
  const far = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }
  expect(await refusal({ image_bytes: 1, images: 1 }, withParts(far))).toBeUndefined()
  expect((await refusal({ images: 0 }, withParts(far)))?.[0]).toBe(400)
})

test('the schemas of tools are part of the prompt', async () => {
  const large = { type: 'function', function: { name: 'f', parameters: { type: 'x'.repeat(900) } } }
  expect((await refusal({ characters: 800 }, { tools: [large] }))?.[0]).toBe(413)
})

test('max_tokens can be lowered instead, and is set where nothing was said', async () => {
  const provider = scripted(says('Hi.'))
  const options = { max_tokens: 9, above_max_tokens: 'lower' } as const
  const handler = await mount(limits, options, provider)
  const call = fakeCall({ max_tokens: 10 })
  await collect(handler(call))
  await collect(handler(fakeCall()))
  await collect(handler(fakeCall({ max_completion_tokens: 5 })))
  expect(
    provider.calls.map(({ request }) => [request.max_tokens, request.max_completion_tokens]),
  ).toEqual([
    [9, undefined],
    [9, undefined],
    [undefined, 5],
  ])
  expect(call.vars.get(notices)).toEqual(['limits: max_tokens lowered to 9'])
})

test('a limit of ours has the name that the provider takes', async () => {
  await using lab = await startFormats([{ limits: { max_tokens: 9 } }, 'fallback'])
  const sentTo = async (model: string, more: object = {}) => {
    await lab.post('chat', model, { ...bodyFor('chat', model), ...more })
    return lab.sent()
  }
  expect(await sentTo('openai/gpt-5')).toMatchObject({ max_completion_tokens: 9 })
  expect(await sentTo('openai/gpt-5')).not.toHaveProperty('max_tokens')
  expect(await sentTo('openai/gpt-5', { max_tokens: 7 })).toMatchObject({ max_tokens: 7 })
  expect(await sentTo('anthropic/m')).toMatchObject({ max_tokens: 9 })
  expect((await sentTo('gemini/m')).generationConfig).toEqual({ maxOutputTokens: 9 })
  expect(await sentTo('responses/m')).toMatchObject({ max_output_tokens: 16 })
})

test('a hundred megabytes of one letter are refused at once', async () => {
  const content = 'a'.repeat(100_000_000)
  expect((await refusal({ tokens: 1_000 }, { messages: [{ role: 'user', content }] }))?.[0]).toBe(
    413,
  )
})

test('every client hears of it in its own words, for the models that the YAML names', async () => {
  await using lab = await startFormats([
    { limits: { for: { models: ['openai/*'] }, characters: 3 } },
    'fallback',
  ])
  for (const surface of Object.keys(surfaces) as (keyof typeof surfaces)[]) {
    const refused = await lab.post(surface, 'openai/m', bodyFor(surface, 'openai/m'))
    expect(refused.status).toBe(413)
    expect(await refused.text()).toContain('6 characters; 3 are allowed')
    const free = await lab.post(surface, 'anthropic/m', bodyFor(surface, 'anthropic/m'))
    expect(free.status).toBe(200)
  }
  expect(lab.provider.requests).toHaveLength(4)
})
