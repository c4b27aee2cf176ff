import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { contract, fakeCall, mount, says, scripted } from 'sluice/testing'
import { collect, type Message } from 'sluice/plugin'
import systemPrompt from '../../plugins/system-prompt.ts'
import { bodyFor, dialects, surfaces, type Dialect } from '../support/formats.ts'
import { startFormats, type FormatsLab } from '../support/formats-lab.ts'
import { postJson } from '../support/post.ts'

contract(systemPrompt, { prepend: 'Be brief.' })

const around = { prepend: 'First.', append: 'Last.' }

const sentFor = async (messages: readonly Message[], options: object = around) => {
  const provider = scripted(says('Hi.'))
  const handler = await mount(systemPrompt, options as typeof around, provider)
  await collect(handler(fakeCall({ messages })))
  return provider.calls[0]!.request.messages
}

const hello = { role: 'user', content: 'Hello!' }

test('without a system prompt there is one message of ours', async () => {
  expect(await sentFor([hello])).toEqual([{ role: 'system', content: 'First.\n\nLast.' }, hello])
})

test('the client’s own stays between them, be it of the system or of the developer', async () => {
  for (const role of ['system', 'developer'])
    expect(await sentFor([{ role, content: 'Mine.' }, hello])).toEqual([
      { role, content: 'First.\n\nMine.\n\nLast.' },
      hello,
    ])
})

test('what follows several of them stands in the last, and later ones are left alone', async () => {
  const messages = [
    { role: 'system', content: 'One.' },
    { role: 'developer', content: 'Two.' },
    hello,
    { role: 'system', content: 'Late.' },
  ]
  expect(await sentFor(messages)).toEqual([
    { role: 'system', content: 'First.\n\nOne.' },
    { role: 'developer', content: 'Two.\n\nLast.' },
    hello,
    { role: 'system', content: 'Late.' },
  ])
})

test('parts keep their places and their marks for caching', async () => {
  const mine = { type: 'text', text: 'Mine.', cache_control: { type: 'ephemeral' } }
  expect(await sentFor([{ role: 'system', content: [mine] }, hello])).toEqual([
    {
      role: 'system',
      content: [{ type: 'text', text: 'First.' }, mine, { type: 'text', text: 'Last.' }],
    },
    hello,
  ])
})

test('what is there already is not said again', async () => {
  for (const content of [
    'First.\n\nMine.\n\nLast.',
    [
      { type: 'text', text: 'First.' },
      { type: 'text', text: 'Last.' },
    ],
  ]) {
    const messages = [{ role: 'system', content }, hello]
    expect(await sentFor(messages)).toBe(messages)
  }
})

test('one of the two must be said', async () => {
  await expect(mount(systemPrompt, {}, says('Hi.'))).rejects.toThrow('expected prepend or append')
})

/** The system prompt as each format has it, its pieces joined. */
const systemOf: Readonly<Record<Dialect, (body: any) => string>> = {
  openai: ({ messages }) =>
    messages
      .filter((one: any) => one.role === 'system')
      .map((one: any) => one.content)
      .join('|'),
  responses: ({ instructions, input }) =>
    instructions ??
    input
      .filter((one: any) => one.role === 'system')
      .map((one: any) => one.content)
      .join('|'),
  anthropic: ({ system }) =>
    typeof system === 'string' ? system : system.map((one: any) => one.text).join('\n\n'),
  gemini: ({ systemInstruction }) =>
    systemInstruction.parts.map((one: any) => one.text).join('\n\n'),
}

describe('through the real formats', () => {
  let lab: FormatsLab
  beforeAll(async () => {
    lab = await startFormats(
      [{ 'system-prompt': { prepend: { file: 'prompts/house.md' }, append: 'Last.' } }, 'fallback'],
      { files: { 'prompts/house.md': 'First.\n' } },
    )
  })
  afterAll(() => lab[Symbol.asyncDispose]())

  for (const surface of Object.keys(surfaces) as (keyof typeof surfaces)[])
    for (const dialect of dialects)
      test(`${surface} → ${dialect}: a file’s text comes first, the client’s second, the other last`, async () => {
        const model = `${dialect}/m`
        const { status } = await lab.post(surface, model, bodyFor(surface, model, 'Mine.'))
        expect(status).toBe(200)
        expect(systemOf[dialect](lab.sent())).toBe('First.\n\nMine.\n\nLast.')
        await lab.post(surface, model, bodyFor(surface, model))
        expect(systemOf[dialect](lab.sent())).toBe('First.\n\nLast.')
      })

  test('a breakpoint of Anthropic’s stays on the client’s own block', async () => {
    const mine = { type: 'text', text: 'Mine.', cache_control: { type: 'ephemeral' } }
    const body = { ...bodyFor('messages', 'anthropic/m'), system: [mine] }
    await lab.post('messages', 'anthropic/m', body)
    expect(lab.sent().system).toEqual([
      { type: 'text', text: 'First.' },
      mine,
      { type: 'text', text: 'Last.' },
    ])
  })

  test('tokens are counted with it', async () => {
    const counted = async (lab: FormatsLab) => {
      const answer = await postJson(`${lab.sluice.v1}/messages/count_tokens`, {
        model: 'anthropic/m',
        messages: [{ role: 'user', content: 'Hi' }],
      })
      return answer.status
    }
    expect(await counted(lab)).toBe(200)
    expect(systemOf.anthropic(lab.sent())).toBe('First.\n\nLast.')
  })
})

test('a file that is not there is a mistake of the YAML, with its place', async () => {
  const starting = startFormats([
    { 'system-prompt': { prepend: { file: 'nowhere.md' } } },
    'fallback',
  ])
  await expect(starting).rejects.toThrow(/config\.yaml.*nowhere\.md/s)
})
