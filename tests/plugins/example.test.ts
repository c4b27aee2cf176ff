import { expect, test } from 'bun:test'
import { collect, GatewayError } from 'sluice/plugin'
import { contract, fails, fakeCall, mount, says, scripted } from 'sluice/testing'
import example from '../../plugins/example.ts'

contract(example, {})

const prompt = (content: string) => fakeCall({ messages: [{ role: 'user', content }] })

test('a prompt within the length passes, one above it is refused and never sent', async () => {
  const provider = scripted(says('Hi.'))
  const handler = await mount(example, { characters: 5 }, provider)
  expect((await collect(handler(prompt('12345'))))?.choices?.[0]?.delta?.content).toBe('Hi.')
  const refused = collect(handler(prompt('123456')))
  await expect(refused).rejects.toBeInstanceOf(GatewayError)
  await expect(refused).rejects.toThrow('6 characters; 5 are allowed')
  expect(provider.calls).toHaveLength(1)
})

test('the length is that of all texts together', async () => {
  const handler = await mount(example, { characters: 5 }, says('Hi.'))
  const messages = ['123', '456'].map((content) => ({ role: 'user', content }))
  await expect(collect(handler(fakeCall({ messages })))).rejects.toThrow('6 characters')
})

test('the end of an answer is logged, whether it ended well, failed, or was given up', async () => {
  const lines: object[] = []
  const silent = () => undefined
  const log = {
    debug: silent,
    warn: silent,
    error: silent,
    info: (message: string, fields?: object) => void lines.push({ message, ...fields }),
  }
  const call = fakeCall({ stream: true })
  await collect((await mount(example, {}, says('Hello', 2), { log }))(call))
  const broken = await mount(example, {}, fails('upstream_error', 'Hello'), { log })
  await collect(broken(call)).catch(silent)
  for await (const _ of (await mount(example, {}, says('Hello'), { log }))(call)) break
  expect(lines).toEqual([
    { message: 'answered', id: 'gen-test', characters: 5 },
    { message: 'answered', id: 'gen-test', characters: 5 },
    { message: 'answered', id: 'gen-test', characters: 0 },
  ])
})
