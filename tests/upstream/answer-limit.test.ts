import { expect, test } from 'bun:test'
import { withAnswerLimit } from '../../src/upstream/answer-limit.ts'
import { startProvider } from '../support/provider.ts'
import { startSluice } from '../support/sluice.ts'

const endpoint = { provider: 'p', model: 'm' }

test('a limit that is not known is not invented', () => {
  expect(withAnswerLimit(endpoint, {})).toBe(endpoint)
  expect(withAnswerLimit(endpoint, { context_length: 9 })).toBe(endpoint)
})

test('a limit leaves room for a prompt', () => {
  const limit = (facts: object) => withAnswerLimit(endpoint, facts).max_completion_tokens
  expect(limit({ max_completion_tokens: 64 })).toBe(64)
  expect(limit({ max_completion_tokens: 64, context_length: 200 })).toBe(64)
  expect(limit({ max_completion_tokens: 200, context_length: 200 })).toBe(100)
})

test('Anthropic’s required limit is what the catalog knows of the model', async () => {
  await using provider = await startProvider()
  const facts = 'm: { max_completion_tokens: 5000, context_length: 100000 }'
  const config = `
providers:
  box:
    base_url: ${provider.url}
    dialect: anthropic
    api_key: k
    models: { ${facts}, claude-sonnet-4-5: {} }
`
  await using sluice = await startSluice({ config })
  const ask = async (model: string, more = {}) => {
    await fetch(`${sluice.v1}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'hi' }], ...more }),
    })
    return provider.requests.at(-1)?.json.max_tokens
  }
  expect(await ask('box/m')).toBe(5_000)
  expect(await ask('box/m', { max_tokens: 7 })).toBe(7)
  expect(await ask('box/claude-sonnet-4-5')).toBe(64_000)
})
