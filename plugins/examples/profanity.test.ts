import { expect, test } from 'bun:test'
import { collect } from 'sluice/plugin'
import { contract, fakeCall, mount, says } from 'sluice/testing'
import profanity from './profanity.ts'

contract(profanity, { words: ['fox', 'dog'] })

test.each([1, 2, 3, 5, 99])('bad words are masked in pieces of %d letters', async (piece) => {
  const provider = says('Darn it, a darned DARN.', piece)
  const handler = await mount(profanity, { words: ['darn'] }, provider)
  for (const stream of [true, false]) {
    const answer = await collect(handler(fakeCall({ stream })))
    expect(answer?.choices?.[0]?.delta?.content).toBe('**** it, a darned ****.')
  }
})
