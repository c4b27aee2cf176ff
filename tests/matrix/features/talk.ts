import { modelAt } from '../lab.ts'
import { expected, fixture } from '../../support/fixtures.ts'
import { alike, type Ask } from '../ask.ts'
import { playsMeaning, playsOtherwise, type Feature } from '../bench.ts'
import { citySchema, weather } from './samples.ts'

const talk: Ask = {
  system: 'Answer in one sentence. 漢字',
  turns: [
    { role: 'user', text: 'Grüezi! Who are you?' },
    { role: 'said', text: 'A model, in "quotes".' },
    { role: 'user', text: 'And the weather? ☀️\nSecond line.' },
  ],
}

export const text: Feature = {
  name: 'text',
  parts: [
    {
      name: 'a conversation',
      async run({ dialect, turn, same }) {
        const { seen, sent } = await turn(talk, 'text')
        const wanted = expected(dialect.name, 'text')
        same('system', sent.system, talk.system)
        same('user texts', sent.texts, [
          'Grüezi! Who are you?',
          'And the weather? ☀️\nSecond line.',
        ])
        same('assistant texts', sent.said, ['A model, in "quotes".'])
        same('text', seen.text, wanted.content)
        same('reasoning', seen.reasoning, '')
        same('calls', seen.calls, [])
        same('finish', seen.finish, 'stop')
      },
    },
    {
      name: 'parameters',
      async run({ turn, same }) {
        const one = await turn({ ...talk, temperature: 0.5, maxTokens: 777 }, 'text')
        same('temperature', one.sent.temperature, 0.5)
        same('max_tokens', one.sent.maxTokens, 777)
        // some models refuse both at once
        const other = await turn({ ...talk, topP: 0.75 }, 'text')
        same('top_p', other.sent.topP, 0.75)
      },
    },
    {
      name: 'word for word',
      only: alike,
      async run({ surface, dialect, stream, lab, turn, same }) {
        const ask: Ask = { ...talk, thinking: true, maxTokens: 9_000, cached: true }
        const { seen, body } = await turn(ask, 'unknown')
        const { body: written } = surface.write(ask, { model: modelAt(dialect.name), stream })
        same('request', JSON.stringify(body), JSON.stringify(written))
        if (lab.plugin) return
        const { sse, json } = fixture(dialect.name, 'unknown')
        // OpenRouter's clients read who answered; lines may end either way
        const raw = seen.raw.replaceAll(`"provider":"at-${dialect.name}-0",`, '')
        same('answer', raw.replaceAll('\r\n', '\n'), (stream ? sse : json).replaceAll('\r\n', '\n'))
      },
    },
    {
      name: 'a provider of the other mode',
      async run({ dialect, turn, same }) {
        const { seen } = await turn(talk, playsOtherwise(dialect, 'text_and_tool'))
        const wanted = expected(dialect.name, 'text_and_tool')
        same('text', seen.text, wanted.content)
        same(
          'calls',
          seen.calls.map(({ name, args }) => ({ name, arguments: args })),
          wanted.tool_calls,
        )
        same('finish', seen.finish, 'tool_calls')
        same('input tokens', seen.usage.input, wanted.usage.prompt_tokens)
      },
    },
    {
      name: 'late instructions',
      async run({ turn, same, must }) {
        const late = 'From now on, in German.'
        const ask: Ask = { ...talk, turns: [...talk.turns, { role: 'instruction', text: late }] }
        const { sent } = await turn(ask, 'text')
        must(sent.system.startsWith(talk.system ?? ''), 'the system prompt stands first')
        const places = [sent.system, ...sent.texts].filter((one) => one.includes(late))
        same('times that they reach the provider', places.length, 1)
      },
    },
    {
      name: 'nothing invented',
      async run({ surface, dialect, turn, same }) {
        const { sent } = await turn({ turns: [{ role: 'user', text: 'Hi' }] }, 'text')
        same('system', sent.system, '')
        same('temperature', sent.temperature, undefined)
        same('top_p', sent.topP, undefined)
        same('stop', sent.stop, [])
        same('tools', sent.tools, [])
        same('choice', sent.choice, undefined)
        same('parallel', sent.parallel, undefined)
        same('thinking', sent.thinking, false)
        // where the format demands it the client has said it, or the provider's own limit is filled in
        const own = surface.name === 'messages' ? 8192 : undefined
        same('max_tokens', sent.maxTokens, own ?? (dialect.name === 'anthropic' ? 32_000 : own))
      },
    },
  ],
}

export const structured: Feature = {
  name: 'structured output',
  parts: [
    {
      name: 'a schema',
      async run({ dialect, turn, same }) {
        const { seen, sent } = await turn({ ...talk, schema: citySchema }, 'structured')
        same('schema', sent.schema, citySchema)
        same('text', seen.text, expected(dialect.name, 'structured').content)
        same('finish', seen.finish, 'stop')
      },
    },
    {
      name: 'any JSON',
      async run({ turn, same }) {
        const { sent } = await turn({ ...talk, json: true }, 'structured')
        same('JSON is asked for', sent.json, true)
      },
    },
  ],
}

export const usage: Feature = {
  name: 'usage',
  parts: [
    {
      name: 'tokens',
      async run({ turn, same }) {
        const { seen } = await turn(talk, 'text')
        same('input tokens', seen.usage.input, 25)
        same('output tokens', seen.usage.output, 42)
      },
    },
    {
      name: 'though not asked for',
      streamed: true,
      only: ({ name }) => name === 'chat',
      async run({ turn, same }) {
        const { seen } = await turn({ ...talk, quiet: true }, 'text')
        same('input tokens', seen.usage.input, 25)
        same('output tokens', seen.usage.output, 42)
      },
    },
    {
      name: 'reasoning tokens',
      async run({ turn, same }) {
        const { seen } = await turn({ ...talk, thinking: true, maxTokens: 16_000 }, 'reasoning')
        same('input tokens', seen.usage.input, 37)
        same('output tokens', seen.usage.output, 88)
        same('reasoning tokens', seen.usage.reasoning, 64)
      },
    },
  ],
}

export const stop: Feature = {
  name: 'stop',
  parts: [
    {
      name: 'at the limit',
      async run({ dialect, turn, same }) {
        const { seen, sent } = await turn({ ...talk, maxTokens: 16 }, 'length')
        same('max_tokens', sent.maxTokens, 16)
        same('text', seen.text, expected(dialect.name, 'length').content)
        same('finish', seen.finish, 'length')
      },
    },
    {
      name: 'at a sequence',
      async run({ surface, dialect, turn, same }) {
        const { seen, sent } = await turn({ ...talk, stop: ['four', 'vier'] }, 'stop_sequence')
        same('stop', sent.stop, ['four', 'vier'])
        same('finish', seen.finish, 'stop')
        if (surface.name === 'messages' && dialect.name === 'anthropic')
          same('stop_reason', seen.word, 'stop_sequence')
      },
    },
    {
      name: 'in the middle of a call',
      // the others say arguments all at once
      only: (_, { name }) => name === 'openai' || name === 'responses',
      streamed: true,
      async run({ dialect, turn, same }) {
        const call = { kind: 'call', id: 'cut', name: 'get_weather' } as const
        const { seen } = await turn(
          { ...talk, tools: [weather] },
          playsMeaning(dialect, 'tool', {
            parts: [{ ...call, fragments: ['{"city', '":"Zür'] }],
            finish: 'length',
            usage: { prompt: 20, completion: 5 },
          }),
        )
        same('finish', seen.finish, 'length')
        same('output tokens', seen.usage.output, 5)
      },
    },
    {
      name: 'without a word',
      async run({ dialect, turn, same }) {
        const { seen } = await turn(
          talk,
          playsMeaning(dialect, 'text', {
            parts: [],
            finish: 'stop',
            usage: { prompt: 20, completion: 1 },
          }),
        )
        same('text', seen.text, '')
        same('finish', seen.finish, 'stop')
        same('output tokens', seen.usage.output, 1)
      },
    },
    {
      name: 'by a filter',
      async run({ dialect, turn, same }) {
        const { seen } = await turn(talk, 'content_filter')
        same('text', seen.text, expected(dialect.name, 'content_filter').content)
        same('finish', seen.finish, 'content_filter')
      },
    },
    {
      name: 'with a refusal',
      async run({ dialect, turn, same }) {
        const { seen } = await turn(talk, 'refusal')
        same('refusal', seen.refusal, expected(dialect.name, 'refusal').refusal)
      },
    },
  ],
}

export const citations: Feature = {
  name: 'citations',
  parts: [
    {
      name: 'sources',
      async run({ dialect, turn, same }) {
        const { seen } = await turn(talk, 'citations')
        const { content, annotations = [] } = expected(dialect.name, 'citations')
        same('text', seen.text, content)
        same(
          'sources',
          seen.citations.map(({ url, title }) => ({ url, title })),
          annotations.map(({ url, title }) => ({ url, title })),
        )
      },
    },
    {
      name: 'spans',
      async run({ dialect, turn, same }) {
        const { seen } = await turn(talk, 'citations')
        const { annotations = [] } = expected(dialect.name, 'citations')
        same(
          'cited spans',
          seen.citations.map(({ span }) => span),
          annotations.map(({ span }) => span),
        )
      },
    },
  ],
}
