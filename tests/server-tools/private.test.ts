import { expect, setDefaultTimeout, test } from 'bun:test'
import { resolve } from 'node:path'
import { startLab } from '../support/lab.ts'
import type { Script } from '../support/provider.ts'
import { text, toolCalls } from '../support/recorded.ts'
import { replays } from '../support/scripts.ts'

// bunfig.toml’s test timeout is not read by Bun 1.4.5
setDefaultTimeout(30_000)

const search = resolve(import.meta.dir, 'search-plugin.ts')
const secret = 'alice.smith@corp-mail.com'

/** Searches for the address that it is shown, then says it. */
const model: Script = (exchange) => {
  const { messages } = exchange.request.json
  const [user] = messages.filter(({ role }: any) => role === 'user')
  const [address = 'none'] = /[\w.+-]+@[\w.-]+/.exec(user.content) ?? []
  const query = JSON.stringify({ query: address })
  return messages.some(({ role }: any) => role === 'tool')
    ? replays(text(`I looked for ${address}.`))(exchange)
    : replays(toolCalls({ id: 'c1', name: 'web_search', arguments: query }))(exchange)
}

test.each([
  ['outside', true],
  ['outside', false],
  ['inside', true],
  ['inside', false],
] as const)(
  'what is private stays so with privacy %s the loop, stream %p',
  async (where, stream) => {
    const plugins = where === 'outside' ? ['privacy', search] : [search, 'privacy']
    await using lab = await startLab({ plugins: [...plugins, 'fallback'] })
    lab.a.always(model)
    const asked = {
      model: 'solo',
      stream,
      messages: [{ role: 'user', content: `Look for ${secret}, please.` }] as unknown[],
      tools: [{ type: 'openrouter:web_search' }],
    }
    const answer = await lab.chat(asked)
    expect(answer.text).toBe(`I looked for ${secret}.`)
    const details: any[] = stream
      ? answer.stream!.events.flatMap(
          ({ choices: [first] }) => first?.delta.reasoning_details ?? [],
        )
      : answer.json.choices[0].message.reasoning_details
    expect(details[0].arguments).toBe(JSON.stringify({ query: secret }))

    const said = { role: 'assistant', content: answer.text, reasoning_details: details }
    const messages = [...asked.messages, said, { role: 'user', content: 'And?' }]
    expect((await lab.chat({ ...asked, messages })).error).toBeUndefined()
    expect(lab.a.requests).toHaveLength(3)
    for (const { body } of lab.a.requests) expect(body).not.toContain('alice')
  },
)
