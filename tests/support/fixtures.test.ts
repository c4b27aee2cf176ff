import { describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import Ajv2020 from 'ajv/dist/2020.js'
import OpenAI from 'openai'
import { accumulateResponse } from 'openai/lib/responses/ResponseAccumulator'
import { mergeParts } from '../fixtures/build/gemini.ts'
import { written } from '../fixtures/build/write.ts'
import {
  contentTypes,
  dialects,
  expected,
  fixture,
  scenarios,
  type Answer,
  type Dialect,
  type Scenario,
} from './fixtures.ts'

/** Answers every request with these bytes; no SDK can tell it from the network. */
const says = (body: string, type: string): typeof fetch =>
  Object.assign(async () => new Response(body, { headers: { 'content-type': type } }), {
    preconnect: () => {},
  })

const stream = (dialect: Dialect, scenario: Scenario): typeof fetch =>
  says(fixture(dialect, scenario).sse, contentTypes.sse[dialect])

const whole = (dialect: Dialect, scenario: Scenario): any =>
  JSON.parse(fixture(dialect, scenario).json)

const omit = (value: any, ...fields: readonly string[]): any =>
  Object.fromEntries(Object.entries(value).filter(([field]) => !fields.includes(field)))

/** What `JSON.stringify` keeps. */
const plain = (value: unknown): any => JSON.parse(JSON.stringify(value))

const anthropicFold = async (scenario: Scenario): Promise<any> => {
  const client = new Anthropic({ apiKey: 'k', fetch: stream('anthropic', scenario) })
  const messages = client.beta.messages.stream({
    model: 'm',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'x' }],
  })
  const { parsed_output: _, ...message } = plain(await messages.finalMessage())
  return message
}

const openaiChunks = async (scenario: Scenario): Promise<any[]> => {
  const client = new OpenAI({ apiKey: 'k', fetch: stream('openai', scenario) })
  const messages = [{ role: 'user' as const, content: 'x' }]
  return Array.fromAsync(
    await client.chat.completions.create({ model: 'm', stream: true, messages }),
  )
}

const openaiFold = async (scenario: Scenario): Promise<any> => {
  const client = new OpenAI({ apiKey: 'k', fetch: stream('openai', scenario) })
  const completion = await client.chat.completions
    .stream({ model: 'm', messages: [{ role: 'user', content: 'x' }] })
    .finalChatCompletion()
  return plain(completion)
}

const responsesEvents = async (scenario: Scenario): Promise<any[]> => {
  const client = new OpenAI({ apiKey: 'k', fetch: stream('responses', scenario) })
  return Array.fromAsync(await client.responses.create({ model: 'm', input: 'x', stream: true }))
}

const geminiChunks = async (scenario: Scenario): Promise<any[]> => {
  // the SDK drops fields that it does not know
  if (scenario === 'unknown') {
    const lines = fixture('gemini', scenario).sse.split('\r\n\r\n').slice(0, -1)
    return lines.map((line) => JSON.parse(line.slice('data: '.length)))
  }
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: () =>
      new Response(fixture('gemini', scenario).sse, {
        headers: { 'content-type': contentTypes.sse.gemini },
      }),
  })
  try {
    const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: server.url.href } })
    const chunks = await Array.fromAsync(
      await client.models.generateContentStream({ model: 'm', contents: 'x' }),
    )
    return plain(chunks).map((chunk: any) => omit(chunk, 'sdkHttpResponse'))
  } finally {
    await server.stop(true)
  }
}

const fieldsAnyDialectMayLack = { reasoning: '', refusal: '', annotations: [], images: [] }

/** The answer without what is empty. */
const said = (answer: Partial<Answer>) =>
  Object.fromEntries(
    Object.entries({ ...fieldsAnyDialectMayLack, ...answer }).filter(
      ([, value]) => value !== '' && !(Array.isArray(value) && value.length === 0),
    ),
  )

const read: Readonly<Record<Dialect, (body: any) => Partial<Answer>>> = {
  openai: ({ choices: [{ message }] }) => ({
    content: message.content ?? '',
    reasoning: message.reasoning ?? '',
    refusal: message.refusal ?? '',
    tool_calls: (message.tool_calls ?? []).map((call: any) =>
      call.type === 'custom'
        ? { name: call.custom.name, arguments: call.custom.input }
        : { name: call.function.name, arguments: JSON.parse(call.function.arguments) },
    ),
    annotations: message.annotations.map(({ url_citation: { url, title, ...at } }: any) => ({
      url,
      title,
      span: message.content.slice(at.start_index, at.end_index),
    })),
    images: (message.images ?? []).map((image: any) => image.image_url.url),
  }),
  anthropic: ({ content, stop_details }) => ({
    content: content.map((block: any) => block.text ?? '').join(''),
    reasoning: content.map((block: any) => block.thinking ?? '').join(''),
    refusal: stop_details?.explanation ?? '',
    tool_calls: content
      .filter((block: any) => block.type === 'tool_use')
      .map((block: any) => ({ name: block.name, arguments: block.input })),
    annotations: content.flatMap((block: any) =>
      (block.citations ?? []).map(({ url, title }: any) => ({ url, title, span: block.text })),
    ),
  }),
  gemini: ({ candidates = [] }) => {
    const parts = candidates[0]?.content.parts ?? []
    const grounding = candidates[0]?.groundingMetadata
    const text = parts.map((part: any) => (part.thought ? '' : (part.text ?? ''))).join('')
    const bytes = Buffer.from(text)
    return {
      content: text,
      reasoning: parts.map((part: any) => (part.thought ? part.text : '')).join(''),
      tool_calls: parts
        .filter((part: any) => part.functionCall)
        .map(({ functionCall }: any) => ({
          name: functionCall.name,
          arguments: functionCall.args,
        })),
      annotations: (grounding?.groundingSupports ?? []).map(
        ({ segment, groundingChunkIndices: [at] }: any) => {
          const { uri, title } = grounding.groundingChunks[at].web
          const span = bytes.subarray(segment.startIndex ?? 0, segment.endIndex).toString()
          return { url: uri, title, span }
        },
      ),
      images: parts
        .filter((part: any) => part.inlineData)
        .map(({ inlineData }: any) => `data:${inlineData.mimeType};base64,${inlineData.data}`),
    }
  },
  responses: ({ output }) => {
    const parts = output.flatMap((item: any) => (item.type === 'message' ? item.content : []))
    return {
      content: parts.map((part: any) => part.text ?? '').join(''),
      refusal: parts.map((part: any) => part.refusal ?? '').join(''),
      reasoning: output
        .flatMap((item: any) => (item.type === 'reasoning' ? item.summary : []))
        .map((part: any) => part.text)
        .join(''),
      tool_calls: output
        .filter((item: any) => /^(function|custom_tool)_call$/.test(item.type))
        .map((item: any) => ({
          name: item.name,
          arguments: item.input ?? JSON.parse(item.arguments),
        })),
      annotations: parts.flatMap((part: any) =>
        (part.annotations ?? []).map(({ url, title, start_index, end_index }: any) => ({
          url,
          title,
          span: part.text.slice(start_index, end_index),
        })),
      ),
    }
  },
}

/** Every string within, for what must be in a body whatever its place. */
const strings = (value: unknown): string[] => {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : []
}

describe('the fixtures', () => {
  test('are what their builder writes', () => {
    const files = written()
    for (const [path, content] of files) {
      const [dialect, scenario, kind] = path.split(/[/.]/) as [Dialect, Scenario, 'sse' | 'json']
      const file = fixture(dialect, scenario)[kind]
      if (kind === 'sse') expect(file).toBe(content)
      else expect(JSON.parse(file)).toEqual(JSON.parse(content))
    }
    const all = dialects.flatMap((dialect) => scenarios[dialect].map((name) => [dialect, name]))
    expect(files.size).toBe(all.length * 2)
  })

  for (const dialect of dialects) {
    for (const scenario of scenarios[dialect]) {
      test(`${dialect} ${scenario}: the whole answer says what is expected of it`, () => {
        const body = whole(dialect, scenario)
        const answer = expected(dialect, scenario)
        const { content, reasoning, refusal, tool_calls, annotations, images } = answer
        expect(said(read[dialect](body))).toEqual(
          said({
            content,
            ...(reasoning && { reasoning }),
            ...(refusal && { refusal }),
            tool_calls: tool_calls ?? [],
            ...(annotations && { annotations }),
            ...(images && { images }),
          }),
        )
        const found = strings(body)
        if (!(dialect === 'openai' && found.includes('anthropic/claude-sonnet-4.5'))) {
          expect(found).toContain(answer.native_finish_reason)
        }
        for (const detail of answer.reasoning_details ?? []) {
          for (const field of ['text', 'summary', 'signature', 'data'] as const) {
            if (detail[field] !== undefined) expect(found).toContain(detail[field])
          }
        }
      })
    }
  }
})

describe('the streams fold to the whole answers', () => {
  test.each(scenarios.anthropic)('by Anthropic’s SDK: %s', async (scenario) => {
    expect(await anthropicFold(scenario)).toEqual(whole('anthropic', scenario))
  })

  // the SDK keeps only the last of each field it does not know, and no custom calls
  const chat = scenarios.openai.filter(
    (name) =>
      !['reasoning', 'reasoning_tool', 'redacted', 'interleaved', 'custom_tool'].includes(name),
  )
  test.each(chat)('by OpenAI’s SDK, chat: %s', async (scenario) => {
    const folded = await openaiFold(scenario)
    const body = whole('openai', scenario)
    const rest = (one: any) => omit(one, 'object', 'system_fingerprint', 'choices')
    expect(rest(folded)).toEqual(rest(body))
    const bare = ([{ message, ...choice }]: any) => {
      const { refusal, annotations = [], tool_calls = [], ...others } = omit(message, 'parsed')
      const calls = tool_calls.map(({ function: called, ...call }: any) => ({
        ...call,
        function: { name: called.name, arguments: called.arguments },
      }))
      return {
        ...choice,
        message: { ...others, refusal: refusal ?? null, annotations, tool_calls: calls },
      }
    }
    expect(bare(folded.choices)).toEqual(bare(body.choices))
  })

  test.each(scenarios.openai)('chunk by chunk, chat: %s', async (scenario) => {
    const chunks = await openaiChunks(scenario)
    const deltas = chunks.flatMap(({ choices }) => choices.map((choice: any) => choice.delta))
    const { message } = whole('openai', scenario).choices[0]
    for (const field of ['content', 'reasoning', 'refusal']) {
      expect(deltas.map((delta) => delta[field] ?? '').join('')).toBe(message[field] ?? '')
    }
    const details: any[] = []
    for (const { index, ...piece } of deltas.flatMap((delta) => delta.reasoning_details ?? [])) {
      details[index] = {
        ...details[index],
        ...piece,
        index,
        text: (details[index]?.text ?? '') + (piece.text ?? ''),
      }
    }
    expect(details.map(({ text, ...rest }) => (text ? { ...rest, text } : rest))).toEqual(
      message.reasoning_details ?? [],
    )
    const calls: any[] = []
    for (const { index, custom, function: called, ...head } of deltas.flatMap(
      (delta) => delta.tool_calls ?? [],
    )) {
      const kind = custom ? 'custom' : 'function'
      const text = custom ? 'input' : 'arguments'
      const piece = custom ?? called
      const before = calls[index]?.[kind] ?? {}
      calls[index] = {
        ...calls[index],
        ...head,
        [kind]: { ...before, ...piece, [text]: (before[text] ?? '') + (piece[text] ?? '') },
      }
    }
    expect(calls).toEqual(message.tool_calls ?? [])
    expect(chunks.at(-1)?.usage).toEqual(whole('openai', scenario).usage)
  })

  test.each(scenarios.responses)('by OpenAI’s SDK, responses: %s', async (scenario) => {
    const events = await responsesEvents(scenario)
    const body = whole('responses', scenario)
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, at) => at))
    expect(events.at(-1).response).toEqual(body)
    let snapshot: any
    // the SDK refuses what it does not know
    const known = events.slice(0, -1).filter((event) => event.type !== 'response.output_hint.delta')
    for (const event of known) snapshot = accumulateResponse(structuredClone(event), snapshot)
    expect(plain(snapshot.output)).toEqual(body.output)
  })

  test.each(scenarios.gemini)('by Google’s SDK and joined: %s', async (scenario) => {
    const chunks = await geminiChunks(scenario)
    const { candidates, ...body } = whole('gemini', scenario)
    const { candidates: _, ...last } = chunks.at(-1)
    expect(last).toEqual(body)
    if (candidates === undefined) return
    const parts = chunks.flatMap((chunk) => chunk.candidates[0].content.parts)
    const { content, logprobsResult } = candidates[0]
    expect(mergeParts(parts)).toEqual(content.parts)
    const ends = (candidate: any) => omit(candidate, 'content', 'logprobsResult', 'avgLogprobs')
    expect(ends(chunks.at(-1).candidates[0])).toEqual(ends(candidates[0]))
    const tokens = chunks.flatMap(
      (chunk) => chunk.candidates[0].logprobsResult?.chosenCandidates ?? [],
    )
    expect(tokens).toEqual(logprobsResult?.chosenCandidates ?? [])
  })
})

// registered only where the document lies, for CI allows no skipped test
describe('OpenAI’s own document', () => {
  const path = join(import.meta.dir, '../../../shared/reference/openai-openapi.json')
  const present = existsSync(path)

  /** OpenAI sends null here although its document does not allow it. */
  const nulls = ['usage', 'user', 'prompt_cache_options']
  const lawful = (value: any): any => {
    if (Array.isArray(value)) return value.map(lawful)
    if (typeof value !== 'object' || value === null) return value
    const kept = Object.entries(value).filter(([key, one]) => one !== null || !nulls.includes(key))
    return Object.fromEntries(kept.map(([key, one]) => [key, lawful(one)]))
  }

  /** Their `nullable` is of an older OpenAPI than the document says it is. */
  const modern = (schema: any): any => {
    if (Array.isArray(schema)) return schema.map(modern)
    if (typeof schema !== 'object' || schema === null) return schema
    const { nullable, ...rest } = schema
    if (typeof nullable === 'object') return mapped(schema)
    return nullable ? { anyOf: [mapped(rest), { type: 'null' }] } : mapped(rest)
  }
  const mapped = (schema: any): any =>
    Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, modern(value)]))

  const validator = () => {
    const document = JSON.parse(readFileSync(path, 'utf8'))
    const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
    ajv.addSchema({ $id: 'openai', components: modern(document.components) })
    return (name: string, value: unknown): void => {
      const validate = ajv.getSchema(`openai#/components/schemas/${name}`)!
      if (!validate(lawful(value))) {
        throw new Error(`${name}: ${ajv.errorsText(validate.errors?.slice(0, 5))}`)
      }
    }
  }

  /** `response.output_text.delta` is described by the schema whose `type` says so. */
  const schemaNames = (): Map<string, string> => {
    const { schemas } = JSON.parse(readFileSync(path, 'utf8')).components
    return new Map(
      schemas.ResponseStreamEvent.anyOf.map(({ $ref }: { $ref: string }) => {
        const name = $ref.slice($ref.lastIndexOf('/') + 1)
        return [schemas[name].properties.type.enum[0], name]
      }),
    )
  }

  const here = present ? test : () => {}
  here('accepts every body and event of responses and chat', async () => {
    const valid = validator()
    const names = schemaNames()
    for (const scenario of scenarios.responses.filter((name) => name !== 'unknown')) {
      valid('Response', whole('responses', scenario))
      for (const event of await responsesEvents(scenario)) {
        valid(names.get(event.type) ?? `no such event: ${event.type}`, event)
      }
    }
    for (const scenario of scenarios.openai) {
      valid('CreateChatCompletionResponse', withoutNullFingerprint(whole('openai', scenario)))
      // no custom calls in OpenAI's description of streams
      if (scenario === 'custom_tool') continue
      for (const chunk of await openaiChunks(scenario)) {
        valid('CreateChatCompletionStreamResponse', chunk)
      }
    }
  })

  const withoutNullFingerprint = ({ system_fingerprint, ...body }: any) =>
    system_fingerprint === null ? body : { ...body, system_fingerprint }
})
