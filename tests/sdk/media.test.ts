import { afterAll, beforeEach, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { OpenRouter } from '@openrouter/sdk'
import OpenAI, { toFile } from 'openai'
import { startLab } from '../support/lab.ts'
import { byPath, sendEvents, sendJson, status } from '../support/scripts.ts'

setDefaultTimeout(30_000)

const key = 'sk-test-laptop-0001'
const lab = await startLab({
  plugins: [
    { auth: { keys: { laptop: { key } } } },
    { fallback: { breaker: { failures: 1_000 } } },
  ],
})
afterAll(() => lab[Symbol.asyncDispose]())
beforeEach(() => {
  for (const provider of [lab.a, lab.b, lab.c]) provider.always(byPath(provider.name))
})

const openai = new OpenAI({ baseURL: lab.sluice.v1, apiKey: key, maxRetries: 0 })
const openrouter = new OpenRouter({
  serverURL: `${lab.sluice.url}/api/v1`,
  apiKey: key,
  retryConfig: { strategy: 'none' },
})

const model = 'demo/demo'
const wav = () => toFile(Buffer.from('RIFF....WAVE'), 'hello.wav', { type: 'audio/wav' })

describe('OpenAI’s SDK', () => {
  test('makes an image', async () => {
    const { data, created } = await openai.images.generate({ model, prompt: 'A cat.', n: 2 })
    expect(created).toBeNumber()
    expect(data).toHaveLength(2)
    expect(
      Buffer.from(data?.[0]?.b64_json ?? '', 'base64')
        .subarray(1, 4)
        .toString(),
    ).toBe('PNG')
  })

  test('streams an image that a provider made at once', async () => {
    const events: any[] = []
    for await (const event of await openai.images.generate({
      model,
      prompt: 'A cat.',
      stream: true,
    }))
      events.push(event)
    expect(events.map(({ type }) => type)).toEqual(['image_generation.completed'])
  })

  test('streams the pieces of an image as the provider gives them', async () => {
    const lines = ['partial_image', 'partial_image', 'completed'].map((name, at) => {
      const event = { type: `image_generation.${name}`, b64_json: 'aaaa', partial_image_index: at }
      return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
    })
    lab.a.next(sendEvents(lines))
    const events: any[] = []
    for await (const event of await openai.images.generate({
      model: 'm',
      prompt: 'A cat.',
      stream: true,
    }))
      events.push(event)
    expect(events.map(({ type }) => type)).toEqual([
      'image_generation.partial_image',
      'image_generation.partial_image',
      'image_generation.completed',
    ])
  })

  test('speaks', async () => {
    const response = await openai.audio.speech.create({ model, input: 'Grüezi.', voice: 'alloy' })
    expect(response.headers.get('content-type')).toBe('audio/wav')
    const sound = Buffer.from(await response.arrayBuffer())
    expect(sound.subarray(0, 4).toString()).toBe('RIFF')
    expect(sound.length).toBe(sound.readUInt32LE(4) + 8)
  })

  test('hears', async () => {
    const { text } = await openai.audio.transcriptions.create({ model, file: await wav() })
    expect(text).toContain('hello.wav, 12 bytes')
  })

  test.each(['text', 'srt', 'vtt'] as const)(
    'hears as %s, which is no JSON',
    async (response_format) => {
      const text = await openai.audio.transcriptions.create({
        model,
        file: await wav(),
        response_format,
      })
      expect(text as unknown as string).toContain('hello.wav, 12 bytes')
    },
  )

  test('hears word for word', async () => {
    lab.a.next((exchange) =>
      sendJson(exchange, 200, {
        task: 'transcribe',
        language: 'en',
        duration: 1,
        text: 'Hi',
        words: [],
      }),
    )
    const heard = await openai.audio.transcriptions.create({
      model: 'm',
      file: await wav(),
      response_format: 'verbose_json',
      timestamp_granularities: ['word'],
      language: 'en',
    })
    expect(heard).toMatchObject({ text: 'Hi', duration: 1, words: [] })
    const { body, headers } = lab.a.requests.at(-1)!
    expect(headers['content-type']).toStartWith('multipart/form-data; boundary=')
    expect(body).toContain('name="timestamp_granularities[]"\r\n\r\nword')
    expect(body).toContain('filename="hello.wav"')
    expect(body).toContain('RIFF....WAVE')
  })

  test('hears piece by piece', async () => {
    const lines = [
      { type: 'transcript.text.delta', delta: 'Hel' },
      { type: 'transcript.text.delta', delta: 'lo.' },
      { type: 'transcript.text.done', text: 'Hello.' },
    ].map((event) => `data: ${JSON.stringify(event)}\n\n`)
    lab.a.next(sendEvents(lines))
    const stream = await openai.audio.transcriptions.create({
      model: 'm',
      file: await wav(),
      stream: true,
    })
    let text = ''
    for await (const event of stream)
      if (event.type === 'transcript.text.delta') text += event.delta
    expect(text).toBe('Hello.')
    expect(lab.a.requests.at(-1)!.body).toContain('name="stream"\r\n\r\ntrue')
  })

  test('moderates', async () => {
    const { results } = await openai.moderations.create({ model, input: ['a', 'b'] })
    expect(results.map(({ flagged }) => flagged)).toEqual([false, false])
  })

  test('embeds', async () => {
    const { data } = await openai.embeddings.create({ model, input: ['a', 'b'], dimensions: 4 })
    expect(data.map(({ embedding }) => embedding.length)).toEqual([4, 4])
  })

  test('hears of a provider’s refusal as of any other', async () => {
    lab.a.next(status(400, 'The voice is unknown.'))
    const failed: any = await openai.audio.speech
      .create({ model: 'm', input: 'a', voice: 'x' })
      .catch((error) => error)
    expect(failed.status).toBe(400)
    expect(failed.message).toContain('The voice is unknown.')
  })
})

describe('every operation', () => {
  const requests: [string, object][] = [
    ['/rerank', { query: 'q', documents: ['a'] }],
    ['/moderations', { input: 'a' }],
    ['/images/generations', { prompt: 'a' }],
    ['/images', { prompt: 'a' }],
    ['/audio/speech', { input: 'a', voice: 'x' }],
    ['/audio/transcriptions', { input_audio: { data: 'UklGRg==', format: 'wav' } }],
  ]
  const post = (
    path: string,
    body: object,
    headers: Record<string, string> = { authorization: `Bearer ${key}` },
  ) =>
    fetch(lab.sluice.v1 + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })

  test.each(requests)('%s wants a key', async (path, body) => {
    const response = await post(path, { model, ...body }, {})
    expect(response.status).toBe(401)
    expect(((await response.json()) as any).error.message).toBeString()
  })

  test.each(requests)('%s falls back', async (path, body) => {
    const good = (exchange: any) =>
      path === '/audio/speech'
        ? sendJson(exchange, 200, 'ID3', { 'content-type': 'audio/mpeg' })
        : sendJson(exchange, 200, { text: 'Hi', data: [], results: [] })
    lab.a.next(status(503))
    lab.b.next(good)
    const response = await post(path, { model: 'm', ...body })
    await response.arrayBuffer()
    expect(response.status).toBe(200)
    expect(response.headers.get('x-sluice-provider')).toBe('b')
    expect(response.headers.get('x-sluice-attempts')).toBe('2')
  })
})

describe('OpenRouter’s SDK', () => {
  test('ranks', async () => {
    const ranked: any = await openrouter.rerank.rerank({
      requestBody: {
        model,
        query: 'swiss capital',
        documents: ['A lake.', 'Bern is the capital.'],
        topN: 1,
      },
    } as any)
    expect(ranked.results).toMatchObject([{ index: 1, document: { text: 'Bern is the capital.' } }])
  })

  test('ranks at providers that neither repeat documents nor call results so', async () => {
    lab.a.next((exchange) =>
      sendJson(exchange, 200, {
        object: 'list',
        data: [{ index: 1, relevance_score: 0.5 }],
        usage: { total_tokens: 3 },
      }),
    )
    const ranked: any = await openrouter.rerank.rerank({
      requestBody: { model: 'm', query: 'q', documents: ['a', { text: 'b' }] },
    } as any)
    expect(ranked.results).toMatchObject([
      { index: 1, relevanceScore: 0.5, document: { text: 'b' } },
    ])
  })

  test('speaks', async () => {
    const stream = await openrouter.tts.createSpeech({
      speechRequest: { model, input: 'Grüezi.', voice: 'alloy', responseFormat: 'mp3' },
    } as any)
    const sound = Buffer.from(await new Response(stream as any).arrayBuffer())
    expect(sound.subarray(0, 4).toString()).toBe('RIFF')
  })

  test('hears', async () => {
    const heard: any = await openrouter.stt.createTranscription({
      sttRequest: { model, inputAudio: { data: 'UklGRg==', format: 'wav' } },
    } as any)
    expect(heard.text).toContain('audio.wav, 4 bytes')
  })

  test('makes an image', async () => {
    const made: any = await openrouter.images.generate({
      imageGenerationRequest: { model, prompt: 'A cat.' },
    } as any)
    expect(made.data).toHaveLength(1)
  })

  test('embeds', async () => {
    const made: any = await openrouter.embeddings.generate({
      requestBody: { model, input: 'a' },
    } as any)
    expect(made.data).toHaveLength(1)
  })
})
