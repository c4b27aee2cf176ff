import { expect, test } from 'bun:test'
import { answerHeaders, caller, collect } from 'sluice/plugin'
import { contract, fakeCall, mount, says, scripted } from 'sluice/testing'
import abRoute from './ab-route.ts'

contract(abRoute, { a: 'test/model', b: 'test/other' })

test('about a third is sent to b, and a key stays where it is', async () => {
  const provider = scripted(says('Hi.'))
  const handler = await mount(abRoute, { a: 'test/model', b: 'test/b', share: 1 / 3 }, provider)
  for (let n = 0; n < 600; n++) {
    const call = fakeCall()
    call.vars.set(caller, { name: `key-${n % 300}`, tags: {} })
    await collect(handler(call))
  }
  const sides = provider.calls.map(({ vars }) => vars.get(answerHeaders)['x-ab-route'])
  expect(sides.slice(0, 300)).toEqual(sides.slice(300))
  expect(sides.filter((side) => side === 'b').length / 600).toBeCloseTo(1 / 3, 0.5)
})
