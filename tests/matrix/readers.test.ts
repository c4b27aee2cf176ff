import { describe, expect, test } from 'bun:test'
import { expected, fixture, scenarios, type Dialect as Name } from '../support/fixtures.ts'
import type { ProviderRequest } from '../support/provider.ts'
import type { Ask, Dialect, Seen, Surface } from './ask.ts'
import { anthropic } from './dialects/anthropic.ts'
import { gemini as geminiDialect } from './dialects/gemini.ts'
import { openai } from './dialects/openai.ts'
import { responses as responsesDialect } from './dialects/responses.ts'
import { citySchema, dot, paper, question } from './features/samples.ts'
import { chat } from './surfaces/chat.ts'
import { gemini } from './surfaces/gemini.ts'
import { messages } from './surfaces/messages.ts'
import { responses } from './surfaces/responses.ts'

/** What a provider says must be read without complaint by the client of its own format. */
const alike: readonly (readonly [Surface, Dialect])[] = [
  [chat, openai],
  [messages, anthropic],
  [responses, responsesDialect],
  [gemini, geminiDialect],
]

const read = (surface: Surface, text: string, stream: boolean): Seen =>
  surface.read({ status: 200, headers: new Headers(), text }, stream)

/** Made of words that only the newest formats have, or that no feature looks at. */
const left = ['prompt_blocked', 'unknown']

const known = (name: Name) => scenarios[name].filter((scenario) => !left.includes(scenario))

describe.each(alike)('what $name clients read', (surface, { name }) => {
  test('is what the fixtures mean, streamed and whole, and breaks no rule', () => {
    for (const scenario of known(name)) {
      const wanted = expected(name, scenario)
      const { sse, json } = fixture(name, scenario)
      for (const seen of [read(surface, sse, true), read(surface, json, false)]) {
        expect({ scenario, mistakes: seen.mistakes }).toEqual({ scenario, mistakes: [] })
        expect({
          scenario,
          text: seen.text,
          reasoning: seen.reasoning,
          calls: seen.calls.map(({ name: called, args }) => ({ name: called, arguments: args })),
          finish: seen.finish,
          urls: seen.citations.map(({ url }) => url),
          input: seen.usage.input,
          output: seen.usage.output,
        }).toEqual({
          scenario,
          text: wanted.content,
          reasoning: wanted.reasoning ?? '',
          calls: [...(wanted.tool_calls ?? [])],
          finish: wanted.finish_reason,
          urls: (wanted.annotations ?? []).map(({ url }) => url),
          input: wanted.usage.prompt_tokens,
          output: wanted.usage.completion_tokens,
        })
      }
    }
  })

  test('differs, or breaks a rule, without any one event', () => {
    for (const scenario of known(name)) {
      const { sse } = fixture(name, scenario)
      const blank = sse.includes('\r\n\r\n') ? '\r\n\r\n' : '\n\n'
      const events = sse.split(blank).slice(0, -1)
      const whole = JSON.stringify(read(surface, sse, true))
      for (const [at, event] of events.entries()) {
        const rest = events.toSpliced(at, 1).map((one) => one + blank)
        if (isSilent(event)) continue
        const seen = read(surface, rest.join(''), true)
        expect({ event, same: JSON.stringify(seen) === whole }).toEqual({ event, same: false })
      }
    }
  })
})

/** Events that say nothing: pings, comments, empty deltas. */
const isSilent = (event: string): boolean =>
  event.startsWith(':') ||
  /"type": "ping"|"partial_json":""|server_tool_use|web_search|"content":""/.test(event) ||
  /"parts": \[\{"text": ""\}\],"role": "model"\},"index"/.test(event)

const asks: readonly Ask[] = [
  question,
  { ...question, choice: { name: 'get_weather' }, parallel: false },
  { ...question, choice: 'required', temperature: 0.5, topP: 0.75 },
  { ...question, choice: 'none' },
  {
    system: 'Look.',
    turns: [
      {
        role: 'user',
        text: 'Here.',
        images: [dot, { url: 'https://images.example/cat.png' }],
        files: [{ media: paper, filename: 'paper.pdf' }],
      },
      { role: 'said', text: 'Thanks.' },
      { role: 'user', text: 'So?' },
    ],
    schema: citySchema,
    stop: ['four'],
    maxTokens: 8000,
    thinking: true,
  },
]

describe.each(alike)('what $name clients write', (surface, dialect) => {
  test('is understood by the provider of their own format, which refuses none of it', () => {
    for (const ask of asks) {
      const { body, path, headers } = surface.write(ask, { model: 'm', stream: false })
      const json = structuredClone(body)
      const sent = dialect.sent({ path, headers, json } as unknown as ProviderRequest)
      expect(sent.mistakes).toEqual([])
      expect(sent.system).toBe(ask.system!)
      expect(sent.tools).toEqual([...(ask.tools ?? [])])
      expect(sent.choice).toEqual(ask.choice)
      expect(sent.schema).toEqual(ask.schema)
      expect(sent.thinking).toBe(ask.thinking ?? false)
      expect(sent.temperature).toBe(ask.temperature)
      expect(sent.topP).toBe(ask.topP)
      const users = ask.turns.filter((turn) => turn.role === 'user')
      expect(sent.texts).toEqual(users.map(({ text }) => text))
      expect(sent.images).toEqual(users.flatMap(({ images = [] }) => images))
      expect(sent.files.map(({ media }) => media)).toEqual(
        users.flatMap(({ files = [] }) => files.map(({ media }) => media)),
      )
    }
  })
})
