import { expect, test } from 'bun:test'
import { collect } from 'sluice/plugin'
import { contract, fakeCall, mount, says, scripted } from 'sluice/testing'
import houseStyle from './house-style.ts'

contract(houseStyle, { style: 'No exclamation marks.' })

test('the house style comes before what the client says', async () => {
  const provider = scripted(says('Good day.'))
  const handler = await mount(houseStyle, { style: 'No exclamation marks.' }, provider)
  await collect(handler(fakeCall()))
  expect(provider.calls[0]?.request.messages).toEqual([
    { role: 'system', content: 'No exclamation marks.' },
    { role: 'user', content: 'Hello!' },
  ])
})
