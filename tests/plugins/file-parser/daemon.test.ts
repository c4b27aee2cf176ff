import { afterAll, beforeAll, expect, test } from 'bun:test'
import OpenAI from 'openai'
import { startLab, type Lab } from '../../support/lab.ts'
import { answers } from '../../support/scripts.ts'
import { dataUrl, pdf } from './pdf.ts'
import { postJson } from '../../support/post.ts'

let lab: Lab
beforeAll(async () => {
  lab = await startLab({
    plugins: ['file-parser', 'fallback'],
    providers: (providers) => ({
      reader: {
        base_url: providers.b.url,
        auth: 'none',
        models: { m: { input_modalities: ['text', 'file'] } },
      },
    }),
  })
  lab.a.always(answers('Seven percent.'))
})
afterAll(() => lab[Symbol.asyncDispose]())

const report = dataUrl(pdf(['Sales rose by 7 percent.']))
const data = report.slice(report.indexOf(',') + 1)

/** How each format sends a PDF. */
const ways: Record<string, readonly [path: string, body: object]> = {
  chat: [
    '/v1/chat/completions',
    {
      model: 'solo',
      messages: [
        {
          role: 'user',
          content: [{ type: 'file', file: { filename: 'r.pdf', file_data: report } }],
        },
      ],
    },
  ],
  responses: [
    '/v1/responses',
    {
      model: 'solo',
      input: [
        {
          role: 'user',
          content: [{ type: 'input_file', filename: 'r.pdf', file_data: report }],
        },
      ],
    },
  ],
  messages: [
    '/v1/messages',
    {
      model: 'solo',
      max_tokens: 100,
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              title: 'r.pdf',
              source: { type: 'base64', media_type: 'application/pdf', data },
            },
          ],
        },
      ],
    },
  ],
  gemini: [
    '/v1beta/models/solo:generateContent',
    {
      contents: [{ role: 'user', parts: [{ inlineData: { mimeType: 'application/pdf', data } }] }],
    },
  ],
}

const post = (path: string, body: object) => postJson(lab.sluice.url + path, body)

test.each(Object.entries(ways))('%s: a provider is sent what the PDF says', async (_, way) => {
  const answer = await post(...way)
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('Seven percent.')
  const sent = JSON.stringify(lab.a.requests.at(-1)?.json.messages)
  expect(sent).toContain('Sales rose by 7 percent.')
  expect(sent).not.toContain(data)
})

test.each(Object.entries(ways))('%s: it can be streamed', async (_, [path, body]) => {
  const streaming = path.includes('generateContent')
    ? path.replace('generateContent', 'streamGenerateContent?alt=sse')
    : path
  const answer = await post(streaming, { ...body, stream: true })
  expect(await answer.text()).toContain('percent')
})

test('a model that reads files gets the file', async () => {
  await post('/v1/chat/completions', { ...ways.chat![1], model: 'reader/m' })
  expect(JSON.stringify(lab.b.requests.at(-1)?.json)).toContain(data)
})

test('OpenAI’s own client sends back what the answer brought, and no provider sees it', async () => {
  const client = new OpenAI({ baseURL: lab.sluice.v1, apiKey: 'none', maxRetries: 0 })
  const { model, messages } = ways.chat![1] as any
  const { choices } = await client.chat.completions.create({ model, messages })
  const { message } = choices[0]!
  expect(message).toMatchObject({ annotations: [{ type: 'file', file: { name: 'r.pdf' } }] })
  const next = [...messages, message, { role: 'user', content: 'And?' }]
  const again = await client.chat.completions.create({ model, messages: next })
  expect(again.choices[0]!.message.annotations ?? []).toEqual([])
  const sent = JSON.stringify(lab.a.requests.at(-1)?.json.messages)
  expect(sent.match(/Sales rose/g)).toHaveLength(1)
  expect(sent).not.toContain('annotations')
})

test('a file that is none is refused by its place', async () => {
  const content = [
    { type: 'file', file: { filename: 'r.pdf', file_data: dataUrl('not a PDF at all') } },
  ]
  const answer = await lab.chat({ model: 'solo', messages: [{ role: 'user', content }] })
  expect([answer.status, answer.error.param]).toEqual([400, 'messages[0].content[0]'])
  expect(answer.raw).not.toContain('r.pdf')
})

test('no address within is asked', async () => {
  const content = [{ type: 'file', file: { file_data: `${lab.a.url}/secret.pdf` } }]
  const before = lab.a.requests.length
  const answer = await lab.chat({ model: 'solo', messages: [{ role: 'user', content }] })
  expect([answer.status, answer.error.code]).toEqual([400, 'url_not_allowed'])
  expect(lab.a.requests).toHaveLength(before)
})

test('who guards further in sees what a file says, and what an earlier answer said of it', async () => {
  await using guarded = await startLab({
    plugins: ['file-parser', 'privacy', { moderation: { words: ['xyzzy'] } }, 'fallback'],
  })
  guarded.a.always(answers('Fine.'))
  const said = (text: string) => [
    {
      role: 'user',
      content: [{ type: 'file', file: { filename: 'r.pdf', file_data: dataUrl(pdf([text])) } }],
    },
  ]
  const messages = said('Write to anna.meier@example.org today.')
  const first = await guarded.chat({ model: 'solo', messages })
  expect(first.status).toBe(200)
  const next = [...messages, first.json.choices[0].message, { role: 'user', content: 'And?' }]
  expect((await guarded.chat({ model: 'solo', messages: next })).status).toBe(200)
  for (const { json } of guarded.a.requests) {
    expect(JSON.stringify(json)).toContain('Write to')
    expect(JSON.stringify(json)).not.toContain('anna.meier@example.org')
  }
  const refused = await guarded.chat({ model: 'solo', messages: said('Say xyzzy.') })
  expect(refused.error.metadata.reasons).toEqual(['words'])
})
