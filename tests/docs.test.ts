import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Validator } from '@seriousme/openapi-schema-validator'
import { t } from 'elysia'
import * as v from 'valibot'
import { defaultConfig } from '../src/config.ts'
import { kinds } from '../src/errors/kinds.ts'
import { buildGateway } from '../src/gateway.ts'
import { createApp } from '../src/server.ts'
import { createLifecycle } from '../src/server/lifecycle.ts'
import { answers } from '../src/docs/answers.ts'
import { createShared } from '../src/shared.ts'
import { sse } from './support/sse.ts'
import { startSluice, type Sluice } from './support/sluice.ts'

let sluice: Sluice
let document: any

beforeAll(async () => {
  sluice = await startSluice()
  document = await read('/docs/json')
})
afterAll(() => sluice.stop())

const read = async (path: string): Promise<any> => (await fetch(sluice.url + path)).json()

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

interface Documented {
  readonly path: string
  readonly method: string
  readonly operation: any
}

const operationsOf = ({ paths }: any): Documented[] =>
  Object.entries<any>(paths).flatMap(([path, item]) =>
    Object.entries<any>(item).map(([method, operation]) => ({ path, method, operation })),
  )

const named = ({ path, method }: Documented) => `${method.toUpperCase()} ${path}`

/** Every object inside a JSON value, with the way to it. */
function* objectsIn(value: any, way: readonly string[] = []): Generator<[string[], any]> {
  if (typeof value !== 'object' || value === null) return
  yield [[...way], value]
  for (const [key, item] of Object.entries(value)) yield* objectsIn(item, [...way, key])
}

const refsIn = (value: any): string[] =>
  [...objectsIn(value)].flatMap(([, object]) =>
    typeof object.$ref === 'string' ? [object.$ref] : [],
  )

const at = (root: any, pointer: string): any =>
  pointer
    .slice('#/'.length)
    .split('/')
    .reduce((value, key) => value?.[key], root)

const resolved = (value: any): any => (value?.$ref === undefined ? value : at(document, value.$ref))

const expectValid = async (specification: any) => {
  const { valid, errors } = await new Validator().validate(structuredClone(specification))
  expect(errors).toBeUndefined()
  expect(valid).toBe(true)
}

test('the document is valid OpenAPI 3.1', async () => {
  expect(document.openapi).toBe('3.1.0')
  await expectValid(document)
})

test('what is documented is exactly what is served', async () => {
  for (const add of [undefined, addRoutes]) {
    const { app, document } = await createWithRoutes(add)
    const own = app.routes.filter(({ path }) => path === '/docs' || path.startsWith('/docs/'))
    expect(own.every(({ hooks }) => hooks.detail.hide)).toBe(true)
    const served = app.routes
      .filter((route) => !own.includes(route) && route.method !== 'WS' && route.path !== '/secret')
      .flatMap(({ method, path }) => {
        const methods =
          method === 'ALL'
            ? ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE']
            : [method]
        const paths = path === '/pages/:page?' ? ['/pages', '/pages/:page'] : [path]
        return methods.flatMap((method) => paths.map((path) => `${method} ${path}`))
      })
      .map((route) =>
        route
          .replace('/models/*', '/models/{id}')
          .replace('*', '{path}')
          .replace(/:(\w+)/, '{$1}'),
      )
    expect(operationsOf(document).map(named).sort()).toEqual(served.sort())
  }
})

test('the issue’s paths are there', () => {
  const expected = [
    ...['/v1', '/api/v1'].flatMap((prefix) => [
      `POST ${prefix}/chat/completions`,
      `POST ${prefix}/completions`,
      `POST ${prefix}/embeddings`,
      `GET ${prefix}/models`,
      `GET ${prefix}/models/{id}`,
    ]),
    'GET /health',
    'GET /ready',
    'GET /version',
  ]
  expect(operationsOf(document).map(named)).toEqual(expect.arrayContaining(expected))
})

test('every operation says what it does, what it takes, what it answers and how it fails', () => {
  const operations = operationsOf(document)
  const ids = operations.map(({ operation }) => operation.operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const tags = document.tags.map(({ name }: any) => name)
  for (const documented of operations) {
    const { method, path, operation } = documented
    const name = named(documented)
    expect(operation.operationId, name).toMatch(/^[a-z][A-Za-z]+$/)
    expect(operation.summary.length, name).toBeGreaterThan(5)
    expect(operation.description.length, name).toBeGreaterThan(10)
    expect(tags, name).toContain(operation.tags[0])
    const { content, headers } = operation.responses[200]
    expect(content['application/json'].schema.$ref, name).toBeString()
    expect(content['application/json'].example, name).toBeObject()
    expect(Object.keys(headers), name).toContain('x-request-id')
    if (!/^\/(api\/)?v1\//.test(path)) {
      expect(operation.security, name).toEqual([])
      continue
    }
    expect(operation.security, name).toEqual([
      {},
      { bearer: [] },
      { 'x-api-key': [] },
      { 'api-key': [] },
    ])
    expect(Object.keys(headers), name).toContain('x-generation-id')
    for (const status of [401, 403, 429, 500, 'default']) {
      const refusal = resolved(operation.responses[status])
      expect(refusal.content['application/json'].schema.$ref, name).toEndWith('/Error')
      expect(Object.keys(refusal.headers), name).toContainValues([
        'x-request-id',
        'x-generation-id',
        'x-should-retry',
        'retry-after',
      ])
    }
    if (method !== 'post') continue
    expect(Object.keys(operation.requestBody.content), name).toEqual(['application/json'])
    const body = operation.requestBody.content['application/json']
    expect(resolved(body.schema).additionalProperties, name).toBe(true)
    expect(Object.values<any>(body.examples)[0].value.model, name).toBe('demo/demo')
    if (!path.endsWith('/embeddings'))
      expect(content['text/event-stream'].example, name).toEndWith('data: [DONE]\n\n')
  }
})

test('every field of a request is described', () => {
  const requests = Object.entries<any>(document.components.schemas).filter(([name]) =>
    name.endsWith('Request'),
  )
  expect(requests).toHaveLength(3)
  for (const [name, { properties }] of requests)
    for (const [field, schema] of Object.entries<any>(properties))
      expect(resolved(schema).description ?? schema.description, `${name}.${field}`).toBeString()
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

test('every error that clients can see is documented, in both forms', () => {
  const { responses } = document.components
  for (const [code, { status }] of Object.entries(kinds)) {
    if ([405, 408, 499].includes(status)) continue
    const all = Object.values<any>(responses).flatMap(
      (response) => response.content['application/json'].examples?.[code]?.value ?? [],
    )
    expect(all, code).toHaveLength(2)
    for (const example of all) v.parse(answers.Error, example)
    expect(
      all.map(({ error }) => typeof error.code),
      code,
    ).toEqual(['string', 'number'])
  }
})

const schemaOf = (ref: string) => answers[ref.split('/').at(-1) as keyof typeof answers]

test('every example of an answer has the shape that is documented', () => {
  for (const { operation } of operationsOf(document))
    for (const [status, response] of Object.entries<any>(operation.responses)) {
      const { content } = resolved(response)
      const { schema, example } = content['application/json']
      if (example !== undefined) v.parse(schemaOf(schema.$ref), example)
      const events = status === '200' ? content['text/event-stream'] : undefined
      for (const line of events?.example.match(/(?<=^data: )\{.*$/gm) ?? [])
        v.parse(schemaOf(events.schema['x-event-data'].$ref), JSON.parse(line))
    }
})

test('every example of a request works, and is answered as documented', async () => {
  let sent = 0
  for (const { path, method, operation } of operationsOf(document)) {
    const { headers = {}, content } = operation.responses[200]
    const bodies = Object.values<any>(
      operation.requestBody?.content['application/json'].examples ?? { none: {} },
    )
    for (const { value } of bodies) {
      sent++
      const id = operation.parameters?.[0].example ?? ''
      const response = await fetch(sluice.url + path.replace('{id}', encodeURIComponent(id)), {
        method,
        ...(value && {
          body: JSON.stringify(value),
          headers: { 'content-type': 'application/json' },
        }),
      })
      expect(response.status, path).toBe(200)
      for (const header of Object.keys(headers))
        expect(response.headers.get(header), `${path} ${header}`).toBeString()
      const [type = ''] = response.headers.get('content-type')?.split(';') ?? []
      expect(Object.keys(content), path).toContain(type)
      if (type === 'application/json') {
        v.parse(schemaOf(content[type].schema.$ref), await response.json())
        continue
      }
      const { events } = await sse(response)
      expect(events.length).toBeGreaterThan(3)
      const schema = schemaOf(content[type].schema['x-event-data'].$ref)
      for (const event of events) v.parse(schema, event)
    }
  }
  expect(sent).toBeGreaterThan(20)
})

test('a real error has the documented shape, under both prefixes', async () => {
  for (const prefix of ['/v1', '/api/v1']) {
    const response = await fetch(`${sluice.url}${prefix}/models/no/such-model`)
    expect(response.status).toBe(404)
    const documented = document.paths[`${prefix}/models/{id}`].get.responses[404]
    const { error } = v.parse(answers.Error, await response.json())
    const { examples } = resolved(documented).content['application/json']
    expect(error.code).toBe(examples.model_not_found.value.error.code)
    for (const header of ['x-request-id', 'x-generation-id', 'x-should-retry'])
      expect(response.headers.get(header)).toBeString()
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

test('the introduction has a line to paste for the address that was asked', async () => {
  expect(document.info.description).toContain(`curl -N ${sluice.url}/v1/chat/completions`)
  expect(document.servers).toEqual([{ url: '/', description: 'this daemon' }])
})

test('the page loads files of its own only, which its policy enforces', async () => {
  const response = await fetch(`${sluice.url}/docs`)
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  const policy = response.headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'self'; script-src 'self';")
  expect(policy).not.toContain('http')
  const html = await response.text()
  expect(html).toContain('<title>Sluice</title>')
  const links = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, link]) => link)
  expect(links).toHaveLength(5)
  for (const link of links) {
    expect(link).toStartWith('/docs/assets/')
    const asset = await fetch(sluice.url + link)
    expect(asset.status, link).toBe(200)
    expect(asset.headers.get('cache-control'), link).toBe('no-cache')
    expect((await asset.bytes()).length, link).toBeGreaterThan(100)
    const again = await fetch(sluice.url + link, {
      headers: { 'if-none-match': asset.headers.get('etag') ?? '' },
    })
    expect(again.status, link).toBe(304)
  }
  expect(html.match(/<script/g)).toHaveLength(2)
  expect(html).not.toMatch(/<script[^>]*>[^<]|https?:/)
})

test('no other file can be had through the assets', async () => {
  for (const path of [
    '/docs/assets/',
    '/docs/assets/swagger-ui.js',
    '/docs/assets/swagger-ui-bundle.js.map',
    '/docs/assets/..%2f..%2fpackage.json',
    '/docs/assets/%2e%2e/%2e%2e/package.json',
    '/docs/assets/..%5c..%5cpackage.json',
    '/docs/assets//etc/passwd',
    '/docs/assets/boot.js/..%2fpackage.json',
  ]) {
    const response = await fetch(sluice.url + path)
    expect(response.status, path).toBe(404)
    expect(((await response.json()) as any).error.code, path).toBe('not_found')
  }
})
