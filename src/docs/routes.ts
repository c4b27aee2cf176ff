import { toJsonSchema } from '@valibot/to-json-schema'
import type { AnyElysia, DocumentDecoration, InternalRoute } from 'elysia'
import type { GenericSchema } from 'valibot'
import { schemaPath, type JsonSchema } from './schemas.ts'
import { noKey } from './security.ts'

type Direction = 'input' | 'output'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const isSchema = (value: unknown): boolean =>
  typeof value === 'string' || (isObject(value) && ('~standard' in value || 'type' in value))

const isValibot = (value: object): value is GenericSchema =>
  '~standard' in value && isObject(value['~standard']) && value['~standard'].vendor === 'valibot'

/** A route's schema: valibot, TypeBox (which is JSON Schema), or the name of one; of others nothing is known. */
const toSchema = (schema: unknown, typeMode: Direction): JsonSchema => {
  if (typeof schema === 'string') return { $ref: schemaPath(schema) }
  if (!isObject(schema)) return {}
  if (!isValibot(schema)) return '~standard' in schema ? {} : JSON.parse(JSON.stringify(schema))
  const { $schema: _, ...plain } = toJsonSchema(schema, {
    target: 'draft-2020-12',
    errorMode: 'ignore',
    typeMode,
  })
  return plain
}

const places = { params: 'path', query: 'query', headers: 'header' } as const

const parametersOf = (hooks: InternalRoute['hooks']) =>
  Object.entries(places).flatMap(([hook, place]) => {
    const { properties, required } = toSchema(hooks[hook], 'input')
    return Object.entries(isObject(properties) ? properties : {}).map(([name, schema]) => ({
      name,
      in: place,
      required: place === 'path' || (Array.isArray(required) && required.includes(name)),
      schema: { ...(isObject(schema) ? schema : {}) },
    }))
  })

const responsesOf = (response: unknown) => {
  const byStatus = isSchema(response) ? { 200: response } : isObject(response) ? response : {}
  const known = Object.entries(byStatus).map(([status, schema]) => [
    status,
    {
      description: `Status ${status}.`,
      content: { 'application/json': { schema: toSchema(schema, 'output') } },
    },
  ])
  return known.length > 0 ? Object.fromEntries(known) : { 200: { description: 'The answer.' } }
}

const camel = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9]+(.)?/g, (_, next: string | undefined) => next?.toUpperCase() ?? '')

/** What a route says of itself without words: the schemas it checks by. Its `detail` says more. */
export const inferOperation = (
  { hooks }: InternalRoute,
  method: string,
  path: string,
): DocumentDecoration => {
  const parameters = parametersOf(hooks)
  return {
    operationId: camel(`${method}${path.replace('*', 'path')}`),
    summary: `${method.toUpperCase()} ${path}`,
    tags: ['Plugins'],
    security: noKey,
    ...(parameters.length > 0 && { parameters }),
    ...(isSchema(hooks.body) && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: toSchema(hooks.body, 'input') } },
      },
    }),
    responses: responsesOf(hooks.response),
  }
}

/** The schemas that routes refer to by name. */
export const definedSchemas = (app: AnyElysia): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(
    Object.entries(app['getGlobalDefinitions']().type).map(([name, schema]) => [
      name,
      toSchema(schema, 'input'),
    ]),
  )
