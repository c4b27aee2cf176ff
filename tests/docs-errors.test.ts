import { afterAll, beforeAll, expect, test } from 'bun:test'
import * as v from 'valibot'
import { answers } from '../src/docs/answers.ts'
import { forms, type ErrorForm } from '../src/docs/forms.ts'
import { GatewayError } from '../src/errors.ts'
import { kinds, type ErrorCode } from '../src/errors/kinds.ts'
import { shapeAt } from '../src/server/shapes.ts'
import { named, operationsOf, resolve } from './support/openapi.ts'
import { startSluice, type Sluice } from './support/sluice.ts'

let sluice: Sluice
let document: any

beforeAll(async () => {
  sluice = await startSluice()
  document = await (await fetch(`${sluice.url}/docs/json`)).json()
})
afterAll(() => sluice.stop())

const unseen = [405, 408, 499]

test('every error that clients can see is documented in every form, under its own status', () => {
  const { responses } = document.components
  for (const [form, { schema, status, codes }] of Object.entries<ErrorForm>(forms)) {
    const own = Object.entries<any>(responses).filter(
      ([name]) =>
        Object.keys(forms)
          .filter((other) => name.startsWith(other))
          .sort((one, other) => other.length - one.length)[0] === form,
    )
    for (const code of Object.keys(kinds) as ErrorCode[]) {
      if (unseen.includes(kinds[code].status)) continue
      const found = own.flatMap(([name, response]) => {
        const { examples = {} } = response.content['application/json']
        return code in examples ? [{ name, example: examples[code].value }] : []
      })
      expect(found, `${form} ${code}`).toHaveLength(1)
      const [{ name, example }] = found as [{ name: string; example: any }]
      v.parse(answers[schema as 'Error'], example)
      if (schema === 'Error' || schema === 'ResponsesError')
        expect(typeof example.error.code).toBe(codes === 'name' ? 'string' : 'number')
      const expected = status?.(new GatewayError(code)) ?? kinds[code].status
      const users = operationsOf(document).filter(
        ({ operation }) => operation.responses[expected]?.$ref === `#/components/responses/${name}`,
      )
      expect(users.length, `${form} ${code}`).toBeGreaterThan(0)
    }
  }
})

test('the form of an operation’s errors is the one that the server uses at its path', () => {
  for (const documented of operationsOf(document)) {
    const { path, operation } = documented
    if (!operation.responses.default) continue
    const shape = shapeAt(path.replace('{model}', 'demo/demo').replace('{id}', 'demo'))
    const ref = resolve(document, operation.responses.default).content['application/json'].schema
    const { error } = Object.values<ErrorForm>(forms).find(({ schema }) =>
      ref.$ref.endsWith(`/${schema}`),
    )!
    expect(shape.error, named(documented)).toBe(error)
  }
})

/** A request that must fail: for a model, or a response, that is not there. */
const without = (path: string, examples: any): [path: string, body?: object] => {
  const [first] = Object.values<any>(examples ?? {})
  if (path.endsWith('/generation')) return [`${path}?id=gen-none`]
  const here = path.replace(/\{\w+\}/, 'no/such-model')
  if (here !== path)
    return [path.includes('/responses/') ? path.replace('{id}', 'none') : here, first?.value]
  return [path, { ...first?.value, model: 'no/such-model' }]
}

test('a real error has the documented status, shape and headers, wherever a model can be missing', async () => {
  let sent = 0
  for (const documented of operationsOf(document)) {
    const { path, method, operation } = documented
    if (!operation.responses[404]) continue
    sent++
    const refusal = resolve(document, operation.responses[404])
    const examples = operation.requestBody?.content['application/json'].examples
    const [where, body] = without(path, examples)
    const response = await fetch(sluice.url + where, {
      method,
      ...(method === 'post' && {
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json' },
      }),
    })
    const name = named(documented)
    expect(response.status, name).toBe(404)
    expect(response.headers.get('content-type'), name).toStartWith('application/json')
    const { schema, examples: known } = refusal.content['application/json']
    const error: any = await response.json()
    v.parse(answers[schema.$ref.split('/').at(-1) as 'Error'], error)
    const own = path.includes('/responses/{') || path.endsWith('/generation')
    const same = own ? known.not_found : known.model_not_found
    for (const field of ['code', 'status', 'type'])
      expect(error.error[field], name).toEqual(same.value.error[field])
    for (const [header, ref] of Object.entries<any>(refusal.headers))
      if (resolve(document, ref).required)
        expect(response.headers.get(header), `${name} ${header}`).toBeString()
  }
  expect(sent).toBeGreaterThan(40)
})
