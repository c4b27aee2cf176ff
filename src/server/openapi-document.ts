import type { AnyElysia, DocumentDecoration, InternalRoute } from 'elysia'
import { version } from '../version.ts'
import { componentResponses } from './openapi-errors.ts'
import { componentHeaders } from './openapi-headers.ts'
import { definedSchemas, inferOperation } from './openapi-routes.ts'
import { componentSchemas } from './openapi-schemas.ts'
import { optionalKey, securitySchemes } from './openapi-security.ts'

const methods = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

type Paths = Record<string, Record<string, DocumentDecoration>>

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

const pathsOf = (app: AnyElysia): Paths => {
  const paths: Paths = {}
  for (const route of app.routes) {
    const detail: DocumentDecoration = route.hooks.detail ?? {}
    if (detail.hide) continue
    for (const method of methodsOf(route))
      for (const path of expand(route.path)) {
        const operation = { ...inferOperation(route, method, path), ...detail }
        const template = toTemplate(path, operation)
        paths[template] = {
          ...paths[template],
          [method]: withPathParameters(operation, template),
        }
      }
  }
  return paths
}

const tags = [
  { name: 'OpenAI', description: 'What OpenAI’s SDKs call: their base URL ends in `/v1`.' },
  {
    name: 'OpenRouter',
    description: 'The same for OpenRouter’s clients: their base URL ends in `/api/v1`.',
  },
  { name: 'Daemon', description: 'How Sluice itself is.' },
  { name: 'Plugins', description: 'What the configured plugins serve.' },
]

const describeRoutes = (app: AnyElysia) => {
  const paths = pathsOf(app)
  const used = new Set(
    Object.values(paths).flatMap((path) => Object.values(path).flatMap(({ tags = [] }) => tags)),
  )
  return {
    paths,
    tags: tags.filter(({ name }) => used.has(name)),
    components: {
      schemas: { ...definedSchemas(app), ...componentSchemas() },
      responses: componentResponses(),
      headers: componentHeaders,
      securitySchemes,
    },
  }
}

/** OpenAPI 3.1 for everything that the app serves and does not hide; the routes are read when first asked for. */
export const createDocument = (app: AnyElysia) => {
  let described: ReturnType<typeof describeRoutes> | undefined
  const routes = () => (described ??= describeRoutes(app))
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      summary: 'One key and one address for every model.',
      description: 'An LLM gateway that you run yourself.',
      version,
    },
    servers: [{ url: '/', description: 'this daemon' }],
    security: optionalKey,
    get tags() {
      return routes().tags
    },
    get paths() {
      return routes().paths
    },
    get components() {
      return routes().components
    },
  }
}
