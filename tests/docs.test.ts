import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { t } from 'elysia'
import * as v from 'valibot'
import { defaultConfig } from '../src/config.ts'
import { requests } from '../src/docs/requests.ts'
import { buildGateway } from '../src/gateway.ts'
import { createApp } from '../src/server.ts'
import { createLifecycle } from '../src/server/lifecycle.ts'
import { ollama, versioned } from '../src/server/surfaces.ts'
import { createShared } from '../src/shared.ts'
import { geminiMethods } from '../src/surfaces/gemini.ts'
import { at, named, objectsIn, operationsOf, refsIn, resolve } from './support/openapi.ts'
import { startSluice, type Sluice } from './support/sluice.ts'

let sluice: Sluice
let document: any

beforeAll(async () => {
  sluice = await startSluice()
  document = await (await fetch(`${sluice.url}/docs/json`)).json()
})
afterAll(() => sluice.stop())

/** An app in this process, whose gateway has routes of plugins. */
const createWithRoutes = async (add: (http: any) => void = () => {}) => {
  const gateway = await buildGateway(defaultConfig({}, []), [], createShared())
  add(gateway.http)
  const app = createApp(gateway, { lifecycle: createLifecycle(() => 10), server: () => null })
  const ask = (path: string) => app.handle(new Request(`http://localhost${path}`))
  return { app, document: (await (await ask('/docs/json')).json()) as any }
}

const addRoutes = (http: any) => {
  http.get('/spend/:team', () => '', {
    params: v.object({ team: v.pipe(v.string(), v.description('A team.')) }),
    query: v.object({ days: v.optional(v.number()) }),
    response: { 200: v.object({ nano: v.number() }) },
    detail: { summary: 'What a team spent', tags: ['Ledger'] },
  })
  http.model({ Note: v.object({ text: v.string() }) })
  http.post('/notes', () => '', { body: 'Note' })
  http.put('/typebox', () => '', { body: t.Object({ limit: t.Number() }) })
  http.get('/pages/:page?', () => '')
  http.all('/files/*', () => '', { detail: { operationId: 'files' } })
  http.get('/secret', () => '', { detail: { hide: true } })
  http.ws('/live', { message() {} })
}

const expectValid = async (specification: any) => {
  const { valid, errors } = await new Validator().validate(structuredClone(specification))
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
}

test('the document is valid OpenAPI 3.1', async () => {
  expect(document.openapi).toBe('3.1.0')
  await expectValid(document)
})

const everyMethod = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']

/** The paths that a route of the app stands for, as the document writes them. */
const pathsOf = (method: string, path: string): string[] => {
  if (path === '/pages/:page?') return ['/pages', '/pages/{page}']
  if (method === 'POST' && /^\/v1(beta)?\/models\/\*$/.test(path))
    return Object.keys(geminiMethods).map((name) => path.replace('*', `{model}:${name}`))
  const star = path.startsWith('/v1beta/') ? '{model}' : '{id}'
  const written = path
    .replace(/\/(models?)\/\*/, `/$1/${star}`)
    .replace('*', '{path}')
    .replace(/:(\w+)/, '{$1}')
  return path.endsWith('/v1/models/*') ? [written, `${written}/endpoints`] : [written]
}

test('what is documented is exactly what is served', async () => {
  for (const add of [undefined, addRoutes]) {
    const { app, document } = await createWithRoutes(add)
    const own = app.routes.filter(({ path }) => path === '/docs' || path.startsWith('/docs/'))
    expect(own.every(({ hooks }) => hooks.detail.hide)).toBe(true)
    const served = app.routes
      .filter((route) => !own.includes(route) && route.method !== 'WS' && route.path !== '/secret')
      .flatMap(({ method, path }) =>
        (method === 'ALL' ? everyMethod : [method]).flatMap((one) =>
          pathsOf(one, path).map((written) => `${one} ${written}`),
        ),
      )
    expect(operationsOf(document).map(named).sort()).toEqual(served.sort())
  }
})

test('the issues’ paths are there', () => {
  const expected = [
    ...['/v1', '/api/v1'].flatMap((prefix) => [
      `POST ${prefix}/chat/completions`,
      `POST ${prefix}/completions`,
      `POST ${prefix}/embeddings`,
      `POST ${prefix}/messages`,
      `POST ${prefix}/messages/count_tokens`,
      `POST ${prefix}/responses`,
      `GET ${prefix}/responses/{id}`,
      `DELETE ${prefix}/responses/{id}`,
      `POST ${prefix}/rerank`,
      `POST ${prefix}/moderations`,
      `POST ${prefix}/images/generations`,
      `POST ${prefix}/audio/speech`,
      `POST ${prefix}/audio/transcriptions`,
      `GET ${prefix}/models`,
      `GET ${prefix}/models/{id}`,
    ]),
    ...['/v1', '/v1beta'].flatMap((prefix) =>
      Object.keys(geminiMethods).map((method) => `POST ${prefix}/models/{model}:${method}`),
    ),
    'GET /v1beta/models',
    'POST /api/chat',
    'POST /api/generate',
    'GET /api/tags',
    'POST /api/show',
    'GET /health',
    'GET /ready',
    'GET /version',
  ]
  expect(operationsOf(document).map(named)).toEqual(expect.arrayContaining(expected))
})

/** What belongs to which kind of client, the first that fits. */
const clients: readonly (readonly [pattern: RegExp, tag: string, error: string | undefined])[] = [
  [/^\/v1\/messages/, 'Anthropic', 'AnthropicError'],
  [/^\/api\/v1\/messages/, 'OpenRouter', 'AnthropicError'],
  [/^\/v1\/responses/, 'OpenAI', 'ResponsesError'],
  [/^\/api\/v1\/responses/, 'OpenRouter', 'ResponsesError'],
  [/^\/v1beta\/|:/, 'Gemini', 'GeminiError'],
  [/^\/api\/v1\//, 'OpenRouter', 'Error'],
  [/^\/v1\//, 'OpenAI', 'Error'],
  [/^\/api\/(ps|version)$|^\/$/, 'Ollama', undefined],
  [/^\/api\/(health|queue|route)$/, 'Daemon', 'Error'],
  [/^\/api\/(?!hello$)/, 'Ollama', 'OllamaError'],
  [/^/, 'Daemon', undefined],
]

const keys = ['bearer', 'x-api-key', 'api-key', 'x-goog-api-key']

test('every operation says what it does, what it takes, what it answers and how it fails', () => {
  const operations = operationsOf(document)
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  for (const documented of operations) {
    const { method, path, operation } = documented
    const name = named(documented)
    const [, tag, error] = clients.find(([pattern]) => pattern.test(path))!
    expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z0-9]+$/)
    expect(operation.summary.length, name).toBeGreaterThan(5)
    expect(operation.description.length, name).toBeGreaterThan(10)
    expect(operation.tags, name).toEqual([tag])
    expect(operation.responses[200].headers, name).toContainKey('x-request-id')
    for (const parameter of operation.parameters ?? []) {
      expect(parameter.description.length, name).toBeGreaterThan(5)
      if (parameter.in === 'path') expect(parameter.example, name).toBeString()
    }
    if (method === 'post') {
      const body = operation.requestBody.content['application/json']
      const [{ value }] = Object.values<any>(body.examples)
      expect(resolve(document, body.schema).additionalProperties, name).toBe(true)
      expect(value.model ?? operation.parameters?.[0].example, name).toBe('demo/demo')
    }
    if (error === undefined) {
      expect(operation.security, name).toEqual([])
      continue
    }
    const schemes = tag === 'Gemini' ? [...keys, 'key'] : keys
    expect(operation.security, name).toEqual([{}, ...schemes.map((key) => ({ [key]: [] }))])
    for (const status of [401, 403, 429, 500, 'default']) {
      const refusal = resolve(document, operation.responses[status])
      expect(refusal.content['application/json'].schema.$ref, name).toEndWith(`/${error}`)
      expect(refusal.headers, name).toContainKeys([
        'x-request-id',
        'x-generation-id',
        'x-should-retry',
        'retry-after',
      ])
    }
  }
})

test('every tag is described and used, in the order of what is asked for most', () => {
  const tags = document.tags.map(({ name }: any) => name)
  expect(tags).toEqual(['OpenAI', 'Anthropic', 'Gemini', 'Ollama', 'OpenRouter', 'Daemon'])
  for (const { description } of document.tags) expect(description.length).toBeGreaterThan(10)
})

test('the request that is documented is the one that is checked', () => {
  const surfaces = [
    ...['/v1', '/api/v1'].flatMap((prefix) =>
      Object.entries(versioned).map(([path, surface]) => [prefix + path, surface] as const),
    ),
    ...Object.entries(ollama),
    ...['/v1', '/v1beta'].flatMap((prefix) =>
      Object.entries(geminiMethods).map(
        ([method, surface]) => [`${prefix}/models/{model}:${method}`, surface] as const,
      ),
    ),
  ]
  for (const [path, surface] of surfaces) {
    const { content } = document.paths[path].post.requestBody
    const name = content['application/json'].schema.$ref.split('/').at(-1) as keyof typeof requests
    expect(requests[name], path).toBe(surface.request as any)
    expect('multipart/form-data' in content, path).toBe(surface.decodeForm !== undefined)
    const answers = document.paths[path].post.responses[200].content
    const streams = ['text/event-stream', 'application/x-ndjson'].some((type) => type in answers)
    const canStream = surface.events !== undefined && !path.endsWith(':generateContent')
    expect(streams, path).toBe(canStream)
  }
})

test('every field of a request is described', () => {
  const schemas = Object.keys(requests).map((name) => [name, document.components.schemas[name]])
  for (const [name, { description, properties }] of schemas) {
    expect(description, name).toBeString()
    for (const [field, schema] of Object.entries<any>(properties))
      expect(
        schema.description ?? resolve(document, schema).description,
        `${name}.${field}`,
      ).toBeString()
  }
})

test('every reference leads somewhere, and every component is referred to', () => {
  const refs = new Set(refsIn(document))
  for (const ref of refs) expect(at(document, ref), ref).toBeObject()
  const { securitySchemes: _, ...components } = document.components
  for (const [kind, entries] of Object.entries<any>(components))
    for (const name of Object.keys(entries)) {
      const ref = `#/components/${kind}/${name}`
      expect([...refs], ref).toContain(ref)
    }
})

test('what plugins hear and say in headers is described where they hear and say it', () => {
  const of = (path: string) => {
    const { parameters, responses } = document.paths[path].post
    const sent = parameters.filter((one: any) => one.in === 'header').map(({ name }: any) => name)
    return [...sent, ...Object.keys(responses[200].headers)]
  }
  const switches = ['X-Sluice-Trace', 'X-Sluice-Plugins', 'x-sluice-warnings']
  const caching = ['X-OpenRouter-Cache-TTL', 'x-openrouter-cache-status', 'x-sluice-cache']
  const speech = of('/v1/audio/speech')
  expect(speech).toEqual(expect.arrayContaining(switches))
  for (const name of caching) expect(speech).not.toContain(name)
  for (const path of ['/v1/chat/completions', '/v1/messages', '/api/v1/responses', '/api/chat'])
    expect(of(path)).toEqual(expect.arrayContaining([...switches, ...caching]))
})

test('every link leads to an operation and fills its parameters', () => {
  const operations = operationsOf(document).map(({ operation }) => operation)
  const links = operations.flatMap(({ responses }) =>
    Object.values<any>(responses[200].links ?? {}),
  )
  expect(links).toHaveLength(8)
  for (const { operationId, parameters } of links) {
    const target = operations.find((operation) => operation.operationId === operationId)
    const wanted = target.parameters.filter(({ required }: any) => required)
    expect(Object.keys(parameters)).toEqual(wanted.map(({ name }: any) => name))
  }
})

test('no schema is written twice, and none outside of the components', () => {
  const seen = new Map<string, string>()
  for (const [way, object] of objectsIn(document)) {
    if (object.type !== 'object' || typeof object.properties !== 'object') continue
    const place = way.join('/')
    expect(place).toStartWith('components/schemas/')
    if (Object.keys(object.properties).length < 2) continue
    const { description: _, ...shape } = object
    const text = JSON.stringify(shape)
    expect(seen.get(text), place).toBeUndefined()
    seen.set(text, place)
  }
})

test('routes of plugins appear with their own words and schemas', async () => {
  const { document } = await createWithRoutes(addRoutes)
  await expectValid(document)
  const { paths, components } = document
  expect(paths['/spend/{team}'].get).toMatchObject({
    summary: 'What a team spent',
    tags: ['Ledger'],
    security: [],
    parameters: [
      { name: 'team', in: 'path', required: true, schema: { description: 'A team.' } },
      { name: 'days', in: 'query', required: false, schema: { type: 'number' } },
    ],
  })
  expect(paths['/spend/{team}'].get.responses[200].content['application/json'].schema).toEqual({
    type: 'object',
    properties: { nano: { type: 'number' } },
    required: ['nano'],
  })
  expect(paths['/notes'].post.requestBody.content['application/json'].schema).toEqual({
    $ref: '#/components/schemas/Note',
  })
  expect(components.schemas.Note.properties).toEqual({ text: { type: 'string' } })
  expect(paths['/typebox'].put.requestBody.content['application/json'].schema).toMatchObject({
    properties: { limit: { type: 'number' } },
  })
  expect(paths['/files/{path}'].patch).toMatchObject({
    operationId: 'patchFilesPath',
    tags: ['Plugins'],
    parameters: [{ name: 'path', in: 'path', required: true }],
  })
  const ids = operationsOf(document).map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  expect(JSON.stringify(document)).not.toContain('~standard')
})
