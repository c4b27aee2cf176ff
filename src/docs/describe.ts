import type { DocumentDecoration } from 'elysia'
import type { Surface } from '../surfaces/surface.ts'
import { refusals } from './errors.ts'
import { headerRefs } from './headers.ts'
import { operations, type OperationNotes } from './operations.ts'
import { requestRef, schemaRef } from './schemas.ts'
import { noKey, optionalKey } from './security.ts'

const prefixes = ['/api/v1', '/v1']

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

const toResponse = ({ description, schema, example, events }: OperationNotes['answer']) => ({
  description,
  content: {
    'application/json': { schema: schemaRef(schema), example },
    ...(events && {
      'text/event-stream': {
        schema: {
          type: 'string' as const,
          description: `Each event's data is a ${events.schema}; the last event's is \`[DONE]\`.`,
          'x-event-data': schemaRef(events.schema),
        },
        example: events.example,
      },
    }),
  },
})

const toParameters = ([name, description, example]: NonNullable<OperationNotes['parameter']>) => [
  { name, in: 'path', required: true, description, example, schema: { type: 'string' as const } },
]

/** What the documentation says about a route: a whole OpenAPI operation, its schemas by reference. */
export const describe = (path: string, surface?: Surface): DocumentDecoration => {
  const prefix = prefixes.find((candidate) => path.startsWith(`${candidate}/`)) ?? ''
  const notes = operations[path.slice(prefix.length)]
  if (!notes) return {}
  const { id, summary, description, examples, answer, otherwise = {}, parameter } = notes
  const forOpenRouter = prefix === '/api/v1'
  const request = surface && requestRef(surface.request)
  const headers = headerRefs([
    'x-request-id',
    ...(notes.refusals ? (['x-generation-id'] as const) : []),
    ...(surface ? (['x-sluice-attempts', 'x-sluice-provider', 'x-sluice-model'] as const) : []),
  ])
  return {
    operationId: forOpenRouter ? `openRouter${capitalized(id)}` : id,
    summary,
    description,
    tags: [forOpenRouter ? 'OpenRouter' : prefix === '' ? 'Daemon' : 'OpenAI'],
    ...(parameter && { parameters: toParameters(parameter) }),
    ...(request && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: request, ...(examples && { examples }) } },
      },
    }),
    responses: {
      200: { ...toResponse(answer), headers },
      ...Object.fromEntries(
        Object.entries(otherwise).map(([status, other]) => [
          status,
          { ...toResponse(other), headers },
        ]),
      ),
      ...(notes.refusals && refusals(notes.refusals, forOpenRouter ? 'status' : 'name')),
    },
    security: notes.refusals ? optionalKey : noKey,
  }
}
