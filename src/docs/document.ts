import type { AnyElysia } from 'elysia'
import { version } from '../version.ts'
import { componentResponses } from './errors.ts'
import { componentHeaders } from './headers.ts'
import { pathsOf } from './paths.ts'
import { definedSchemas } from './routes.ts'
import { componentSchemas } from './schemas.ts'
import { optionalKey, securitySchemes } from './security.ts'

const tags = [
  {
    name: 'OpenAI',
    description: 'What OpenAI’s SDKs and most tools call: their base URL ends in `/v1`.',
  },
  {
    name: 'Anthropic',
    description: 'What Claude Code and Anthropic’s SDKs call: their base URL ends before `/v1`.',
  },
  {
    name: 'Gemini',
    description: 'What Gemini CLI and Google’s SDKs call: their base URL ends before `/v1beta`.',
  },
  { name: 'Ollama', description: 'What Ollama’s clients call: their base URL has no path.' },
  {
    name: 'OpenRouter',
    description:
      'The same as OpenAI’s and Anthropic’s, for OpenRouter’s clients: their base URL ends in `/api/v1`.',
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
