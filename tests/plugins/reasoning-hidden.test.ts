import { afterAll, beforeAll, expect, test } from 'bun:test'
import { replaysFixture } from '../support/fixtures-replay.ts'
import { sse } from '../support/sse.ts'
import { bodyFor } from '../support/formats.ts'
import { startFormats, type FormatsLab } from '../support/formats-lab.ts'

let lab: FormatsLab
beforeAll(async () => {
  lab = await startFormats([{ reasoning: {} }, 'fallback'])
})
afterAll(() => lab[Symbol.asyncDispose]())

const models = {
  anthropic: 'anthropic/claude-sonnet-4-5',
  gemini: 'gemini/gemini-3-pro',
} as const

const tools = [
  { type: 'function', function: { name: 'get_weather', parameters: { type: 'object' } } },
]

/** Signatures and sealed thoughts that a provider was given back. */
const sealsIn = (body: unknown): number =>
  JSON.stringify(body).match(/"(signature|thoughtSignature|encrypted_content)":"[^"]{8,}"/g)
    ?.length ?? 0

for (const dialect of ['anthropic', 'gemini'] as const)
  for (const stream of [true, false])
    test(`a tool loop whose thoughts are hidden goes on signed (${dialect}, stream: ${stream})`, async () => {
      lab.provider.always(replaysFixture(dialect, 'reasoning_tool'))
      const model = models[dialect]
      const request = {
        ...bodyFor('chat', model),
        tools,
        stream,
        max_tokens: 10_000,
        reasoning: { effort: 'high', exclude: true },
      }
      const answer = await lab.post('chat', model, request)
      expect(answer.status).toBe(200)
      const read = async (): Promise<{ text: string; calls: any[]; usage: any }> => {
        if (!stream) {
          const text = await answer.text()
          const { choices, usage } = JSON.parse(text)
          return { text, calls: choices[0].message.tool_calls, usage }
        }
        const { events, raw } = await sse(answer)
        const pieces = events.flatMap((event) => event.choices?.[0]?.delta?.tool_calls ?? [])
        const [{ id }] = pieces
        const { name } = pieces[0].function
        const args = pieces.map((piece) => piece.function?.arguments ?? '').join('')
        const usage = events.findLast((event) => event.usage)?.usage
        return {
          text: raw,
          calls: [{ id, type: 'function', function: { name, arguments: args } }],
          usage,
        }
      }
      const { text, calls, usage } = await read()
      expect(text).not.toMatch(/"reasoning"|reasoning_content|reasoning_details|ignature/)
      expect(usage.completion_tokens).toBeGreaterThan(0)
      await lab.post('chat', model, {
        ...request,
        messages: [
          ...request.messages,
          { role: 'assistant', content: null, tool_calls: calls },
          { role: 'tool', tool_call_id: calls[0].id, content: 'Sunny.' },
        ],
      })
      expect(sealsIn(lab.sent())).toBeGreaterThan(0)
      // Google's word for a call that nobody signed
      expect(JSON.stringify(lab.sent())).not.toContain('skip_thought')
    })
