import type { DocumentDecoration } from 'elysia'
import type { Surface } from '../surfaces/surface.ts'
import { refusals } from './errors.ts'
import { findOperations, type Found } from './families.ts'
import { headerRefs, type HeaderName } from './headers.ts'
import type { OperationNotes, ParameterNotes } from './operations/notes.ts'
import type { Detail } from './paths.ts'
import { schemaRef } from './schemas.ts'
import { noKey, securityAt } from './security.ts'

const capitalized = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

const withPrefix = (prefix: string, id: string): string =>
  prefix === '' ? id : `${prefix}${capitalized(id)}`

const toParameter = ({
  name,
  in: where,
  required,
  description,
  example,
  whole,
  values,
}: ParameterNotes) => ({
  name,
  in: where,
  required: required ?? where === 'path',
  description,
  ...(example !== undefined && { example }),
  schema: {
    type: whole ? ('integer' as const) : ('string' as const),
    ...(values && { enum: [...values] }),
  },
})

const toBody = ({ request, examples, otherBodies }: OperationNotes) =>
  request && {
    required: true,
    content: {
      'application/json': { schema: schemaRef(request), ...(examples && { examples }) },
      ...otherBodies,
    },
  }

const toLinks = (links: OperationNotes['answer']['links'], prefix: string) =>
  Object.fromEntries(
    Object.entries(links ?? {}).map(([id, parameters]) => [
      id,
      { operationId: withPrefix(prefix, id), parameters },
    ]),
  )

/** A whole OpenAPI operation, its schemas by reference. */
const toOperation = ({ notes, place }: Found): DocumentDecoration => {
  const { id, summary, description, answer, otherwise = {} } = notes
  const parameters = [...(notes.parameters ?? []), ...(notes.sent ?? [])]
  const names: readonly HeaderName[] = ['x-request-id', ...(place.headers ?? []), ...notes.headers]
  const toResponse = ({ description, content, links }: OperationNotes['answer']) => ({
    description,
    headers: headerRefs(names),
    ...(content && { content }),
    ...(links && { links: toLinks(links, place.id) }),
  })
  const requestBody = toBody(notes)
  return {
    operationId: withPrefix(place.id, id),
    summary,
    description,
    tags: [place.tag],
    ...(parameters.length > 0 && { parameters: parameters.map(toParameter) }),
    ...(requestBody && { requestBody }),
    responses: {
      200: toResponse(answer),
      ...Object.fromEntries(
        Object.entries(otherwise).map(([status, other]) => [status, toResponse(other)]),
      ),
      ...(notes.refusals && refusals(notes.refusals, place.form)),
    },
    security: notes.refusals ? securityAt(place.form) : noKey,
  }
}

/**
 * What the documentation says about a route.
 * @param route a path, perhaps with the method before it
 * @param surface what is posted there, if anything is
 */
export const describe = (route: string, surface?: Surface): Detail => {
  const [path = '', method = surface ? 'POST' : 'GET'] = route.split(' ').toReversed()
  const parts = Object.fromEntries(
    [...findOperations(method, path)].map(([rest, found]) => [rest, toOperation(found)]),
  )
  const { '': whole, ...others } = parts
  return Object.keys(others).length > 0 ? { 'x-parts': parts } : (whole ?? {})
}
