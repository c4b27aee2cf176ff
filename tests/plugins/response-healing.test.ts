import { describe, expect, test } from 'bun:test'
import { collect, stages, notices, type Chunk, type Delta } from 'sluice/plugin'
import { contract, fails, fakeCall, mount, says, scripted, type Turn } from 'sluice/testing'
import healing from '../../plugins/response-healing.ts'
import { heal } from '../../plugins/response-healing/heal.ts'
import { createCheck } from '../../plugins/response-healing/schema.ts'
import { wantedBy } from '../../plugins/response-healing/wanted.ts'

contract(healing, {})

const schema = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'number' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
}
const response_format = { type: 'json_schema', json_schema: { name: 'weather', schema } }
const right = '{"city":"Bern","degrees":7}'

const object = wantedBy({ model: 'm', response_format: { type: 'json_object' } })!
const weather = wantedBy({ model: 'm', response_format })!

describe('JSON is found and repaired', () => {
  test('what is so long that its repair would keep all others waiting is only found', () => {
    const rows = (count: number) => '{"a":"some words" "b":"and more"}\n'.repeat(count)
    expect(heal(`{"rows":[${rows(1_000)}]}`, object).changed).toBe(true)
    expect(heal(`{"rows":[${rows(5_000)}]}`, object).problem).toBe('It is not JSON.')
    const sound = `{"rows":[${'{"a":1},'.repeat(50_000)}1]}`
    expect(heal(`Here: ${sound}`, object).text).toBe(sound)
  })

  test.each([
    ['in a fence', '```json\n{"city":"Bern","degrees":7}\n```'],
    ['in a fence that was not closed', 'Here:\n```\n{"city":"Bern","degrees":7}'],
    ['in prose', 'Sure! Here it is: {"city":"Bern","degrees":7} Anything else?'],
    ['after thoughts', '<think>{"city": maybe?}</think>\n\n{"city":"Bern","degrees":7}'],
    ['as the first of two', '{"city":"Bern","degrees":7}\n{"city":"Thun","degrees":8}'],
    ['as the first that fits', '{"town":"Bern"} {"city":"Bern","degrees":7}'],
    ['as text within JSON', '"{\\"city\\":\\"Bern\\",\\"degrees\\":7}"'],
  ])('%s', (_, text) => {
    expect(heal(text, weather)).toEqual({ text: right, changed: true })
  })

  test.each([
    ['a comma too many', '{"city":"Bern","degrees":7,}'],
    ['single quotes and bare keys', "{city: 'Bern', degrees: 7}"],
    ['a bracket too few', '{"city":"Bern","degrees":7'],
    ['a comma too few', '{"city":"Bern" "degrees":7}'],
    ['comments', '{"city":"Bern", // the capital\n"degrees":7}'],
    ['no braces', '"city":"Bern","degrees":7'],
    ['a mistake within prose and fence', 'Here:\n```json\n{city:"Bern", degrees:7,}\n```\nDone.'],
  ])('with %s', (_, text) => {
    const { text: healed, problem } = heal(text, weather)
    expect(problem).toBeUndefined()
    expect(JSON.parse(healed)).toEqual({ city: 'Bern', degrees: 7 })
  })

  test('numbers stay as they were written', () => {
    expect(heal('{"n":12345678901234567890, "x":1.10,}', object).text).toBe(
      '{"n":12345678901234567890, "x":1.10}',
    )
  })

  test('what is right stays as it is, white space and all', () => {
    const text = ' {"city" : "Bern",\n"degrees":7}\n'
    expect(heal(text, weather)).toEqual({ text, changed: false })
    expect(heal('[1, 2]', object)).toEqual({ text: '[1, 2]', changed: false })
  })

  test('what is repaired and still wrong says why', () => {
    const { text, changed, problem } = heal('{"city":"Bern",}', weather)
    expect([text, changed]).toEqual(['{"city":"Bern"}', true])
    expect(problem).toContain('degrees')
    expect(heal('I cannot say.', weather)).toEqual({
      text: 'I cannot say.',
      changed: false,
      problem: 'It is not JSON.',
    })
  })

  test('a bare text is no object, even if it is JSON', () => {
    for (const text of ['"hello"', '7', 'null', ''])
      expect(heal(text, object).problem).toBe('It is not JSON.')
  })
})

describe('a schema of a stranger', () => {
  test('may refer to itself', () => {
    const list = {
      $ref: '#/$defs/node',
      $defs: {
        node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: ['id'] },
      },
    }
    const check = createCheck(list)
    expect(check({ id: 1, next: { id: 2 } })).toBeUndefined()
    expect(check({ id: 1, next: {} })).toContain('id')
  })

  test('that goes round in circles or grows without end is not followed', () => {
    expect(createCheck({ $ref: '#' })({})).toBeUndefined()
    expect(createCheck({ $ref: 'https://example.com/x' })({})).toBeUndefined()
    const defs: Record<string, unknown> = { d0: { type: 'string' } }
    for (let n = 1; n <= 40; n++)
      defs[`d${n}`] = { anyOf: [{ $ref: `#/$defs/d${n - 1}` }, { $ref: `#/$defs/d${n - 1}` }] }
    expect(createCheck({ $ref: '#/$defs/d40', $defs: defs })(7)).toBeUndefined()
  })

  test('has only patterns tried that end soon', () => {
    const slow = createCheck({ type: 'string', pattern: '^(a+)+$' })
    expect(slow(`${'a'.repeat(60)}!`)).toBeUndefined()
    const plain = createCheck({ type: 'string', pattern: '^[A-Z]{3}$' })
    expect([plain('ABC'), plain('abc') === undefined]).toEqual([undefined, false])
  })

  test('keeps what is only named like a keyword', () => {
    const check = createCheck({
      type: 'object',
      properties: { pattern: { type: 'string' }, format: { type: 'number' } },
      required: ['pattern', 'format'],
    })
    expect(check({ pattern: '(a+)+', format: 1 })).toBeUndefined()
    expect(check({ pattern: 1, format: 1 })).toContain('pattern')
  })

  test('is not changed by being used', () => {
    const before = structuredClone(schema)
    createCheck(schema)({})
    expect(schema).toEqual(before)
  })
})

const textOf = (chunk: Chunk | undefined) => chunk?.choices?.[0]?.delta?.content
const read = async (chunks: AsyncIterable<Chunk>): Promise<Chunk[]> => {
  const all: Chunk[] = []
  for await (const chunk of chunks) all.push(chunk)
  return all
}

const piece = (delta: Delta, finish_reason: string | null = null): Chunk => ({
  id: 'chatcmpl-test',
  choices: [{ index: 0, delta, finish_reason }],
})

const speaks = (...chunks: readonly Chunk[]): Turn =>
  async function* speaking() {
    yield* chunks
  }

describe.each([true, false])('with stream: %p', (stream) => {
  const ask = (more: object = {}) => fakeCall({ stream, response_format, ...more })

  test('a broken answer comes whole, and the call says so', async () => {
    const handler = await mount(healing, {}, says('Here: {city:"Bern",degrees:7,}', 3))
    const call = ask()
    const chunks = await read(handler(call))
    expect(chunks.filter((chunk) => textOf(chunk))).toHaveLength(1)
    const whole = await collect(handler(ask()))
    expect(JSON.parse(textOf(whole) ?? '')).toEqual({ city: 'Bern', degrees: 7 })
    expect(whole?.choices?.[0]?.finish_reason).toBe('stop')
    expect(whole?.usage?.total_tokens).toBe(8)
    expect(call.vars.get(stages)).toEqual([
      {
        type: 'response_healing',
        name: 'response-healing',
        summary: 'repaired the JSON',
        data: { valid: true, retried: false },
      },
    ])
  })

  test('a sound answer is the very chunks that came', async () => {
    const provider = says(right, 3)
    const call = ask()
    const chunks = await read((await mount(healing, {}, provider))(call))
    expect(chunks).toEqual(await read(provider(call)))
    expect(call.vars.get(stages)).toEqual([])
  })

  test('who asks for no JSON is not looked at', async () => {
    const provider = scripted(says('{broken'))
    const handler = await mount(healing, {}, provider)
    for (const format of [undefined, null, { type: 'text' }, 'json', {}])
      expect(textOf(await collect(handler(ask({ response_format: format }))))).toBe('{broken')
  })

  test('an answer that was cut short is left alone, unless that is wanted', async () => {
    const cut: Turn = () =>
      speaks(piece({ content: '{"city":"Bern","degrees":7' }, 'length'))(ask())
    const left = await collect((await mount(healing, {}, cut))(ask()))
    expect(textOf(left)).toBe('{"city":"Bern","degrees":7')
    const healed = await collect((await mount(healing, { truncated: true }, cut))(ask()))
    expect(textOf(healed)).toBe(right)
  })

  test('calls of tools are left alone', async () => {
    const tool_calls = [{ index: 0, id: 'c', function: { name: 'f', arguments: '{"a":' } }]
    const turn = speaks(piece({ content: 'Let me see {' }), piece({ tool_calls }, 'tool_calls'))
    const chunks = await read((await mount(healing, { retry: 1 }, turn))(ask()))
    expect(chunks).toEqual(await read(turn(ask())))
  })

  test('it asks again once, tells why, and both are paid', async () => {
    const provider = scripted(says('{"city":"Bern",}', 3), says(right, 3))
    const handler = await mount(healing, { retry: 1 }, provider)
    const call = ask()
    const whole = await collect(handler(call))
    expect(textOf(whole)).toBe(right)
    expect(whole?.usage).toEqual({ prompt_tokens: 6, completion_tokens: 10, total_tokens: 16 })
    const messages = provider.calls[1]?.request.messages ?? []
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
    expect(messages[2]?.content).toContain('degrees')
    expect(call.vars.get(stages)[0]?.summary).toBe('asked again for valid JSON')
  })

  test('what is still wrong is given with a word, or refused', async () => {
    const provider = scripted(says('{"city":"Bern",}', 3))
    const call = ask()
    const passed = await collect((await mount(healing, { retry: 1 }, provider))(call))
    expect(textOf(passed)).toBe('{"city":"Bern"}')
    expect(passed?.usage?.total_tokens).toBe(16)
    expect(call.vars.get(notices).join()).toContain('not what was asked for')
    expect(provider.calls).toHaveLength(2)
    const refused = collect((await mount(healing, { invalid: 'fail' }, provider))(ask()))
    await expect(refused).rejects.toThrow('not the JSON that was asked for')
  })

  test('a second answer that fails leaves the first', async () => {
    const provider = scripted(says('{"city":"Bern",}'), fails())
    const whole = await collect((await mount(healing, { retry: 1 }, provider))(ask()))
    expect(textOf(whole)).toBe('{"city":"Bern"}')
  })

  test('a request says for itself how it wants it, and is told what it cannot say', async () => {
    const provider = scripted(says('{"city":"Bern",}'))
    const handler = await mount(healing, {}, provider)
    const plugins = (entry: object) => [{ id: 'response-healing', ...entry }]
    const failing = collect(handler(ask({ plugins: plugins({ invalid: 'fail' }) })))
    await expect(failing).rejects.toThrow('not the JSON')
    expect(provider.calls[0]?.request.plugins).toBeUndefined()
    const wrong = collect(handler(ask({ plugins: plugins({ retry: 9 }) })))
    await expect(wrong).rejects.toThrow('plugins[0].retry')
    const off = await collect(handler(ask({ plugins: plugins({ enabled: false }) })))
    expect(textOf(off)).toBe('{"city":"Bern",}')
  })
})

test('reasoning flows while the text is held, and each choice is healed for itself', async () => {
  const two = (index: number, content: string, finish_reason: string | null = null): Chunk => ({
    choices: [{ index, delta: { content }, finish_reason }],
  })
  const turn = speaks(
    piece({ role: 'assistant', reasoning: 'Hm' }),
    two(0, '{"city":"Bern",'),
    two(1, 'It is '),
    two(0, '"degrees":7,}', 'stop'),
    two(1, right, 'stop'),
  )
  const handler = await mount(healing, {}, turn)
  const chunks = await read(handler(fakeCall({ stream: true, response_format, n: 2 })))
  expect(chunks[0]?.choices?.[0]?.delta).toEqual({ role: 'assistant', reasoning: 'Hm' })
  const whole = await collect(speaks(...chunks)(fakeCall()))
  expect(whole?.choices?.map(({ delta }) => JSON.parse(delta?.content ?? ''))).toEqual([
    { city: 'Bern', degrees: 7 },
    { city: 'Bern', degrees: 7 },
  ])
})

test('an answer that breaks off is an error, and nothing of it was said', async () => {
  const handler = await mount(healing, {}, fails('upstream_disconnected', '{"city":'))
  const chunks: Chunk[] = []
  const reading = (async () => {
    for await (const chunk of handler(fakeCall({ stream: true, response_format })))
      chunks.push(chunk)
  })()
  await expect(reading).rejects.toThrow('broke off')
  expect(chunks.some((chunk) => textOf(chunk))).toBe(false)
})
