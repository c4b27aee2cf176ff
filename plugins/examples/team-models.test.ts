import { expect, test } from 'bun:test'
import { caller, collect } from 'sluice/plugin'
import { contract, fakeCall, mount, says } from 'sluice/testing'
import teamModels from './team-models.ts'

contract(teamModels, { teams: { default: ['*'] } })

test('a team gets its models and no other, be it as a second choice', async () => {
  const handler = await mount(teamModels, { teams: { search: ['fast/*'] } }, says('Hi.'))
  const ask = (team: string, model: string, models?: string[]) => {
    const call = fakeCall({ model, ...(models && { models }) })
    call.vars.set(caller, { name: 'laptop', tags: { team } })
    return collect(handler(call))
  }
  expect(await ask('search', 'fast/chat')).toBeDefined()
  await expect(ask('search', 'fast/chat', ['dear/chat'])).rejects.toThrow('may use fast/*')
  await expect(ask('sales', 'fast/chat')).rejects.toThrow('may use no model')
})
