import type { AnyElysia, DocumentDecoration, InternalRoute } from 'elysia'
import { inferOperation } from './routes.ts'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

export type Paths = Record<string, Record<string, DocumentDecoration>>

/** A route’s words; with parts, those of each operation that its star stands for, by how the star’s text ends. */
export type Detail = DocumentDecoration & {
  readonly 'x-parts'?: Readonly<Record<string, DocumentDecoration>>
}

const methodsOf = ({ method }: InternalRoute): readonly string[] =>
  method === 'ALL' ? methods : methods.filter((known) => known === method.toLowerCase())

const optional = /\/:([^/?]+)\?/

/** The paths that a pattern stands for, with and without what is optional. */
const expand = (pattern: string): readonly string[] =>
  optional.test(pattern)
    ? [...expand(pattern.replace(optional, '')), ...expand(pattern.replace(optional, '/:$1'))]
    : [pattern || '/']

const namesIn = (template: string): string[] =>
  [...template.matchAll(/\{([^}]+)\}/g)].flatMap(([, name]) => name ?? [])

const declaredIn = ({ parameters = [] }: DocumentDecoration): string[] =>
  parameters.flatMap((parameter) =>
    'in' in parameter && parameter.in === 'path' ? parameter.name : [],
  )

/** `/v1/models/*` as `/v1/models/{id}`: what the star stands for has the name that the operation gives it. */
const toTemplate = (path: string, operation: DocumentDecoration): string => {
  const named = path.replaceAll(/:([^/?.]+)/g, '{$1}')
  const star = declaredIn(operation).find((name) => !namesIn(named).includes(name)) ?? 'path'
  return named.replace('*', () => `{${star}}`)
}

/** The operation with exactly the path parameters that its template has. */
const withPathParameters = (operation: DocumentDecoration, template: string) => {
  const wanted = namesIn(template)
  const kept = (operation.parameters ?? []).filter(
    (parameter) =>
      !('in' in parameter) || parameter.in !== 'path' || wanted.includes(parameter.name),
  )
  const declared = declaredIn(operation)
  const missing = wanted
    .filter((name) => !declared.includes(name))
    .map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' as const } }))
  const parameters = [...kept, ...missing]
  const { parameters: _replaced, ...rest } = operation
  return parameters.length > 0 ? { ...rest, parameters } : rest
}

const operationsOf = (detail: Detail): readonly (readonly [string, DocumentDecoration])[] =>
  detail['x-parts'] ? Object.entries(detail['x-parts']) : [['', detail]]

/** `paths`: everything that the app serves and does not hide, in the words of each route's `detail`. */
export const pathsOf = (app: AnyElysia): Paths => {
  const paths: Paths = {}
  for (const route of app.routes) {
    const detail: Detail = route.hooks.detail ?? {}
    if (detail.hide) continue
    const places = methodsOf(route).flatMap((method) =>
      expand(route.path).map((path) => ({ method, path })),
    )
    for (const [ending, { operationId, ...words }] of operationsOf(detail)) {
      // an id names one operation only
      const known = places.length === 1 && operationId !== undefined ? { operationId } : {}
      for (const { method, path } of places) {
        const operation = { ...inferOperation(route, method, path + ending), ...words, ...known }
        const template = toTemplate(path, operation) + ending
        paths[template] = { ...paths[template], [method]: withPathParameters(operation, template) }
      }
    }
  }
  return paths
}
