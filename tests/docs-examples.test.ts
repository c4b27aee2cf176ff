import { afterAll, beforeAll, expect, test } from 'bun:test'
import * as v from 'valibot'
import { answers } from '../src/docs/answers.ts'
import { silence } from '../src/docs/samples/media.ts'
import {
  eventsIn,
  named,
  operationsOf,
  type Documented,
  resolve,
  schemasOf,
} from './support/openapi.ts'
import { startSluice, type Sluice } from './support/sluice.ts'

let sluice: Sluice
let document: any

beforeAll(async () => {
  sluice = await startSluice()
  document = await (await fetch(`${sluice.url}/docs/json`)).json()
})
afterAll(() => sluice.stop())

const schemaNamed = (name: string | undefined): v.GenericSchema => {
  const schema = answers[name as keyof typeof answers]
  if (!schema) throw new Error(`no answer is called ${name}`)
  return schema
}

/** The value, where one of the schemas that the body may have takes it. */
const expectShape = (schema: any, value: unknown, name: string) => {
  const values = schema.type === 'array' ? (value as unknown[]) : [value]
  const known = schemasOf(schema).map(schemaNamed)
  expect(known.length, name).toBeGreaterThan(0)
  for (const one of values) {
    const found = known.map((candidate) => v.safeParse(candidate, one))
    const issues = found.some(({ success }) => success) ? undefined : found[0]?.issues
    expect(issues, name).toBeUndefined()
  }
}

/** Pieces of a stream, each as it is documented; whether the events have the names that are. */
const expectPieces = (text: string, type: string, schema: any, name: string) => {
  if (type === 'application/x-ndjson') {
    const lines = text.trimEnd().split('\n')
    for (const line of lines) expectShape(schema['x-line-data'], JSON.parse(line), name)
    expect(JSON.parse(lines.at(-1)!).done, name).toBe(true)
    return lines.length
  }
  const events = eventsIn(text)
  const done = events.findIndex(({ data }) => data === '[DONE]')
  if (done !== -1) expect(done, name).toBe(events.length - 1)
  const pieces = done === -1 ? events : events.slice(0, done)
  for (const { event, data } of pieces) {
    expectShape(schema['x-event-data'], JSON.parse(data), name)
    if (event === undefined) expect(schema['x-event-names'], name).toBeUndefined()
    else {
      expect(schema['x-event-names'], name).toContain(event)
      expect(JSON.parse(data).type, name).toBe(event)
    }
  }
  return pieces.length
}

/** The type of a body that is held to what is documented of it. */
const expectBody = async (response: Response, content: any, name: string) => {
  const [type = ''] = response.headers.get('content-type')?.split(';') ?? []
  expect(Object.keys(content), name).toContain(type)
  const { schema } = content[type]
  if (type.startsWith('audio/')) {
    expect(schema).toEqual({ type: 'string', format: 'binary' })
    expect((await response.bytes()).length, name).toBeGreaterThan(100)
    return type
  }
  const text = await response.text()
  expect(text.length, name).toBeGreaterThan(5)
  if (type === 'application/json') expectShape(schema, JSON.parse(text), name)
  else if (type !== 'text/plain') expectPieces(text, type, schema, name)
  return type
}

test('every example of an answer has the shape that is documented', () => {
  let seen = 0
  for (const documented of operationsOf(document))
    for (const [status, response] of Object.entries<any>(documented.operation.responses)) {
      const { content = {} } = resolve(document, response)
      const name = `${named(documented)} ${status}`
      for (const [type, { schema, example, examples = {} }] of Object.entries<any>(content)) {
        const all = [example, ...Object.values<any>(examples).map(({ value }) => value)]
        for (const one of all.filter((value) => value !== undefined)) {
          seen++
          if (type === 'application/json') expectShape(schema, one, name)
          else if (type === 'text/plain') expect(one, name).toBeString()
          else expectPieces(one, type, schema, name)
        }
      }
    }
  expect(seen).toBeGreaterThan(500)
})

const sendJson = (method: string, path: string, body?: object) =>
  fetch(sluice.url + path, {
    method,
    ...(body && {
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    }),
  })

/** What a link says a parameter is: a field of the answer to the first example of the operation that has it. */
const linked = async (id: string, parameter: string): Promise<string | undefined> => {
  for (const { path, operation } of operationsOf(document))
    for (const { operationId, parameters } of Object.values<any>(
      operation.responses[200].links ?? {},
    )) {
      if (operationId !== id || !(parameter in parameters)) continue
      const [{ value }] = Object.values<any>(
        operation.requestBody.content['application/json'].examples,
      )
      const response = await sendJson('post', path, value)
      const answer: any = await response.json()
      const [, from, field] = /^\$response\.(body|header)[#.]\/?(.+)$/.exec(parameters[parameter])!
      return from === 'body' ? answer[field!] : (response.headers.get(field!) ?? undefined)
    }
  return undefined
}

/** The addresses that an operation’s parameters make: one for each value that a query may have. */
const addressesOf = async (path: string, operation: any): Promise<string[]> => {
  let address = path
  let queries: string[] = []
  for (const { in: place, name, required, example, schema } of operation.parameters ?? []) {
    if (place === 'header') continue
    if (required) {
      const value = encodeURIComponent((await linked(operation.operationId, name)) ?? example)
      address =
        place === 'path' ? address.replace(`{${name}}`, value) : `${address}?${name}=${value}`
    } else
      for (const value of schema.enum ?? (example === undefined ? [] : [example]))
        queries = [...queries, `?${name}=${value}`]
  }
  return ['', ...queries].map((query) => address + query)
}

/** Milliseconds; the demo speaks at the pace of a model, and the machine may be busy. */
const patience = 60_000

test(
  'every example of a request works, and is answered as documented in every way that is',
  async () => {
    const warned: string[] = []
    let sent = 0
    const tryOut = async (documented: Documented) => {
      const { path, method, operation } = documented
      const { headers, content } = operation.responses[200]
      const name = named(documented)
      const given = new Set<string>()
      const bodies = Object.values<any>(
        operation.requestBody?.content['application/json'].examples ?? { none: {} },
      )
      for (const { value } of bodies)
        for (const address of await addressesOf(path, operation)) {
          sent++
          const response = await sendJson(method, address, value)
          if (response.status !== 200) throw new Error(`${name}: ${await response.text()}`)
          for (const [header, ref] of Object.entries<any>(headers))
            if (resolve(document, ref).required)
              expect(response.headers.get(header), `${name} ${header}`).toBeString()
          if (Number(response.headers.get('x-sluice-attempts') ?? 0) > 0)
            for (const header of ['x-sluice-provider', 'x-sluice-model'])
              expect(response.headers.get(header), `${name} ${header}`).toBeString()
          if (response.headers.has('x-sluice-warnings')) warned.push(operation.operationId)
          if (content) given.add(await expectBody(response, content, name))
          else expect(await response.text(), name).toBe('')
        }
      const types = Object.keys(content ?? {})
      if (!types.some((type) => type.startsWith('audio/')))
        expect([...given].sort(), name).toEqual(types.sort())
    }
    await Promise.all(operationsOf(document).map(tryOut))
    expect(sent).toBeGreaterThan(90)
    expect(warned).toEqual([])
  },
  patience,
)

test('a form with a file is answered like the JSON', async () => {
  for (const prefix of ['/v1', '/api/v1']) {
    const path = `${prefix}/audio/transcriptions`
    const { content } = document.paths[path].post.responses[200]
    for (const more of [[], ['response_format', 'srt'], ['stream', 'true']]) {
      const form = new FormData()
      form.set('file', new File([Buffer.from(silence, 'base64')], 'silence.wav'))
      form.set('model', 'demo/demo')
      const [field, value] = more
      if (field && value) form.set(field, value)
      const response = await fetch(sluice.url + path, { method: 'post', body: form })
      expect(response.status).toBe(200)
      await expectBody(response, content, path)
    }
  }
})

test('models are listed for each vendor’s clients as documented', async () => {
  const headers = { 'x-goog-api-key': 'any' }
  for (const path of ['/v1/models', '/v1/models/demo%2Fdemo']) {
    const { content } = document.paths[path.replace('demo%2Fdemo', '{id}')].get.responses[200]
    const names = schemasOf(content['application/json'].schema)
    const openAI = await (await fetch(sluice.url + path)).json()
    const gemini = await (await fetch(sluice.url + path, { headers })).json()
    expect(names).toHaveLength(2)
    v.parse(schemaNamed(names[0]), openAI)
    v.parse(schemaNamed(names[1]), gemini)
  }
})
