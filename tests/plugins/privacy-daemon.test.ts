import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { embeddingsBody } from '../support/bodies.ts'
import { chat, startLab, type Lab } from '../support/lab.ts'
import type { Exchange, Script } from '../support/provider.ts'
import { postJson } from '../support/post.ts'
import { answers, endless, sendJson, silent } from '../support/scripts.ts'
import { until } from '../support/until.ts'

setDefaultTimeout(60_000)

const mail = 'ada.lovelace@analytical-engines.co.uk'
const card = '4111 1111 1111 1111'
const privately = (plugins: readonly unknown[], more: object = {}): Promise<Lab> =>
  startLab({ plugins, ...more })

/** Says again what it was asked, in pieces. */
const echoes =
  (size = 3): Script =>
  (exchange: Exchange) => {
    const content = String(exchange.request.json.messages.at(-1).content)
    const pieces = content.match(new RegExp(`[^]{1,${size}}`, 'g'))!
    return answers(content, { pieces })(exchange)
  }

const asks = (content: string, rest: object = {}) => ({
  messages: [{ role: 'user', content }],
  ...rest,
})

const post = (lab: Lab, path: string, body: object | string, init: RequestInit = {}) =>
  postJson(lab.sluice.url + path, body, init)

describe('the bytes', () => {
  /** Written as nobody else would, with a number that no double holds. */
  const written = (content: string) =>
    `{ "messages" :[{"role":"user",  "content": ${JSON.stringify(content)}, "x":12345678901234567890}],\n "model":"solo", "seed": 1.0,"model" : "solo" }`

  const sentBy = async (plugins: readonly unknown[], content: string) => {
    await using lab = await privately(plugins)
    const raw = await (await post(lab, '/v1/chat/completions', written(content))).text()
    return { body: lab.a.requests[0]!.body, raw: raw.replaceAll(/gen-[\w-]+/g, 'gen') }
  }

  test('are the client’s and the provider’s own where nothing was found', async () => {
    expect(await sentBy(['privacy', 'fallback'], 'plain \u00fc')).toEqual(
      await sentBy(['fallback'], 'plain \u00fc'),
    )
  })

  test('are those but for what was found', async () => {
    const { body } = await sentBy(['privacy', 'fallback'], `a ${mail} b`)
    const [read] = /[a-z]{8}\.[a-z]{8}@example\.com/.exec(body)!
    expect(body.replace(read, mail)).toBe((await sentBy(['fallback'], `a ${mail} b`)).body)
  })
})

/** What each kind of provider answers, saying again what it read where it says anything. */
const answersTo = ({ path, json }: Exchange['request']): unknown => {
  if (path.endsWith('/embeddings')) return embeddingsBody(json)
  if (path.endsWith('/moderations')) return { id: 'modr-1', model: 'm', results: [] }
  if (path.endsWith('/rerank'))
    return { results: [{ index: 1, relevance_score: 1, document: { text: json.documents[1] } }] }
  if (path.endsWith('/generations'))
    return { created: 1, data: [{ b64_json: 'QUJD', revised_prompt: json.prompt }] }
  return 'RIFF'
}

test.each([
  ['/v1/embeddings', { input: ['a', mail] }],
  ['/v1/moderations', { input: mail }],
  ['/v1/rerank', { query: mail, documents: ['a', mail] }],
  ['/v1/images/generations', { prompt: `A letter to ${mail}` }],
  ['/v1/audio/speech', { input: `Say ${mail}`, voice: 'alloy' }],
] as const)('%s keeps what is private, and brings it back', async (path, body) => {
  await using lab = await privately(['privacy', 'fallback'])
  const type = path.includes('/audio/') ? 'audio/wav' : 'application/json'
  lab.a.next((exchange) =>
    sendJson(exchange, 200, answersTo(exchange.request), { 'content-type': type }),
  )
  const response = await post(lab, path, { model: 'solo', ...body })
  const text = await response.text()
  expect([response.status, text.includes('@example.com')]).toEqual([200, false])
  if (path === '/v1/rerank' || path === '/v1/images/generations') expect(text).toContain(mail)
  const [sent] = lab.a.requests
  expect(sent!.body).toContain('@example.com')
  expect(sent!.body).not.toContain('ada.lovelace')
})

test.each([
  ['/v1/completions', { prompt: `Write to ${mail}.` }],
  ['/v1/responses', { input: `I am ${mail}`, instructions: mail, metadata: { owner: mail } }],
] as const)('%s keeps what is private', async (path, body) => {
  await using lab = await privately(['privacy', 'fallback'])
  const response = await post(lab, path, { model: 'solo', ...body })
  await response.arrayBuffer()
  expect(response.status).toBe(200)
  const [sent] = lab.a.requests
  expect(sent!.body).toContain('@example.com')
  expect(sent!.body).not.toContain('ada.lovelace')
})

test('what is to be heard is told without what is private', async () => {
  await using lab = await privately(['privacy', 'fallback'])
  lab.a.next((exchange) => sendJson(exchange, 200, { text: 'Hello.' }))
  const form = new FormData()
  form.set('model', 'solo')
  form.set('prompt', `With ${mail}`)
  form.set('file', new File(['RIFF'], 'a.wav'))
  const response = await fetch(`${lab.sluice.v1}/audio/transcriptions`, {
    method: 'POST',
    body: form,
  })
  expect(await response.json()).toMatchObject({ text: 'Hello.' })
  expect(lab.a.requests[0]!.body).toContain('@example.com')
  expect(lab.a.requests[0]!.body).not.toContain('ada.lovelace')
})

describe('inside fallback', () => {
  test('each provider reads what it may', async () => {
    await using lab = await privately(['fallback', { privacy: { providers: { b: 'off' } } }])
    lab.a.next(({ reset }) => reset())
    lab.b.next(echoes())
    lab.c.next(echoes())
    const answer = await lab.chat(asks(`I am ${mail}`, { stream: true }))
    expect(answer.text).toBe(`I am ${mail}`)
    expect(lab.a.requests[0]?.body).not.toContain('ada.lovelace')
    expect(lab.b.requests[0]?.body).toContain('ada.lovelace')
  })

  test('the same is told once', async () => {
    await using lab = await privately(['fallback', 'privacy'])
    lab.a.next(({ reset }) => reset())
    lab.b.next(echoes())
    const headers = { 'x-openrouter-metadata': 'enabled' }
    const { json } = await lab.chat(asks(`I am ${mail}`), { headers })
    expect(json.openrouter_metadata.pipeline).toEqual([
      {
        type: 'guardrail',
        name: 'privacy',
        summary: 'masked 1 email',
        data: { mask: { email: 1 } },
      },
    ])
  })
})

test('what is blocked is told in every client’s own words, without a value', async () => {
  await using lab = await privately([{ privacy: { kinds: { credit_card: 'block' } } }, 'fallback'])
  const prompt = `Pay with ${card}`
  const paths = {
    '/v1/chat/completions': { model: 'solo', ...asks(prompt) },
    '/v1/messages': { model: 'solo', max_tokens: 10, ...asks(prompt) },
    '/v1/responses': { model: 'solo', input: prompt },
    '/v1beta/models/solo:generateContent': { contents: [{ parts: [{ text: prompt }] }] },
    '/api/chat': { model: 'solo', ...asks(prompt) },
  }
  for (const [path, body] of Object.entries(paths)) {
    const response = await post(lab, path, body)
    const text = await response.text()
    expect([path, response.status]).toEqual([path, 403])
    expect(text).toContain('credit_card')
    expect(text).not.toContain('4111')
  }
  const { error } = await lab.chat(asks(prompt, { stream: true }))
  expect(error.metadata.patterns).toEqual(['credit_card'])
  expect(lab.a.requests).toHaveLength(0)
})

test('nothing private stands in a log', async () => {
  await using lab = await privately(['privacy', 'fallback'], { env: { SLUICE_LOG: 'debug' } })
  lab.a.always(({ reset }) => reset())
  await lab.chat({ model: 'solo', ...asks(`I am ${mail}`) })
  expect(lab.sluice.stdout() + lab.sluice.stderr()).not.toContain('ada.lovelace')
})

test('it cannot be skipped when it fails', async () => {
  const starting = startLab({ plugins: [{ privacy: { on_error: 'skip' } }, 'fallback'] })
  await expect(starting).rejects.toThrow('it fails closed: on_error cannot be "skip"')
})

test('for some callers and models only, each with its own rules', async () => {
  const plugins = [
    { privacy: { for: { models: ['solo'] } } },
    { privacy: { for: { models: ['m'] }, kinds: { email: 'redact' } } },
    'fallback',
  ]
  await using lab = await privately(plugins)
  await lab.chat({ model: 'solo', ...asks(mail) })
  await lab.chat({ model: 'm', ...asks(mail) })
  const [one, other] = lab.a.requests.map(({ json }) => json.messages[0].content)
  expect(one).toEndWith('@example.com')
  expect(other).toBe('[EMAIL]')
})

test('the secret lies in the data directory, for its owner only', async () => {
  await using lab = await privately(['privacy', 'fallback'])
  await lab.chat(asks(mail))
  const [file] = [
    ...new Bun.Glob('**/plugins/privacy/secret').scanSync({ cwd: lab.sluice.directory, dot: true }),
  ]
  expect(statSync(join(lab.sluice.directory, file!)).mode & 0o777).toBe(0o600)
})

test('two hundred at once hear their own', async () => {
  await using lab = await privately(['privacy', 'fallback'])
  lab.a.always(echoes(2))
  const texts = Array.from({ length: 200 }, (_, at) => `I am person.${at}@people-${at}.org`)
  const heard = await Promise.all(
    texts.map((text) => chat(lab.sluice.v1, { model: 'solo', stream: true, ...asks(text) })),
  )
  expect(heard.map(({ text }) => text)).toEqual(texts)
})

test('a client that leaves stops the provider', async () => {
  await using lab = await privately(['privacy', 'fallback'])
  for (const script of [endless(), silent()]) {
    lab.a.next(script)
    const before = lab.a.requests.length
    const controller = new AbortController()
    const reading = post(
      lab,
      '/v1/chat/completions',
      { model: 'solo', stream: true, ...asks(mail) },
      { signal: controller.signal },
    ).then((response) => response.text())
    reading.catch(() => undefined)
    await until('it is asked', () => lab.a.requests.length > before)
    controller.abort()
    await expect(reading).rejects.toThrow()
    await until('it is let go', () => lab.a.open === 0)
  }
})

test('a conversation that Sluice keeps is masked in each turn, and the same', async () => {
  await using lab = await privately(['privacy', 'fallback'])
  lab.a.always(echoes())
  const ask = async (body: object) => {
    const response = await post(lab, '/v1/responses', { model: 'solo', ...body })
    return (await response.json()) as any
  }
  const first = await ask({ input: `I am ${mail}`, store: true })
  expect(first.output[0].content[0].text).toBe(`I am ${mail}`)
  await ask({ input: 'And now?', previous_response_id: first.id })
  const [one, two] = lab.a.requests.map(({ json }) => json.messages)
  expect(two).toHaveLength(3)
  expect(two[0]).toEqual(one[0])
  expect(two[1].content).toEqual(one[0].content)
  expect(JSON.stringify([one, two])).not.toContain('ada.lovelace')
})

describe('with a cache', () => {
  const status = ({ headers }: { headers: Headers }) => headers.get('x-openrouter-cache-status')
  const twice = async (plugins: readonly unknown[]) => {
    await using lab = await privately(plugins)
    lab.a.always(echoes())
    const request = { model: 'solo', ...asks(`I am ${mail}`) }
    const first = await lab.chat(request)
    const whole = await lab.chat(request)
    const streamed = await lab.chat({ ...request, stream: true })
    expect([first.text, whole.text, streamed.text]).toEqual(Array(3).fill(`I am ${mail}`))
    expect([status(first), status(whole), status(streamed)]).toEqual(['MISS', 'HIT', 'HIT'])
    expect(lab.a.requests).toHaveLength(1)
    expect(lab.a.requests[0]!.body).not.toContain('ada.lovelace')
    const files = [
      ...new Bun.Glob('**/plugins/cache/**').scanSync({ cwd: lab.sluice.directory, dot: true }),
    ]
    const kept = await Promise.all(
      files.map((file) => Bun.file(join(lab.sluice.directory, file)).bytes()),
    )
    return Buffer.concat(kept)
  }
  const cache = { cache: { mode: 'on' } }

  test('outside, it keeps what the client said and heard', async () => {
    await twice([cache, 'privacy', 'fallback'])
  })

  test('inside, it keeps what the provider read and said', async () => {
    const kept = await twice(['privacy', cache, 'fallback'])
    expect(kept.includes('ada.lovelace')).toBe(false)
  })
})
