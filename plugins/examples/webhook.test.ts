import { expect, test } from 'bun:test'
import { collect } from 'sluice/plugin'
import { contract, fails, fakeCall, mount, says, scripted } from 'sluice/testing'
import webhook from './webhook.ts'

contract(webhook, { url: 'https://example.com/hook' })

test('how a call has ended is told once, well or not, without waiting for it', async () => {
  const told: unknown[] = []
  const fetch = (_: string, init?: RequestInit) =>
    new Promise<Response>(() => told.push(JSON.parse(String(init?.body))))
  const provider = scripted(says('Hi.'), fails())
  const handler = await mount(webhook, { url: 'https://example.com/hook' }, provider, { fetch })
  await collect(handler(fakeCall({ stream: true })))
  await expect(collect(handler(fakeCall()))).rejects.toThrow('The provider failed.')
  expect(told).toMatchObject([{ complete: true, usage: { total_tokens: 8 } }, { complete: false }])
})
