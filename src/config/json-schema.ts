import { toJsonSchema } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import type { Preset } from '../providers/preset.ts'
import { presets } from '../providers/presets.ts'
import { providerSchema } from './provider-schema.ts'
import { termsSchema } from './plugin-terms.ts'
import { configSchema } from './schema.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/** What stands in place of any number, boolean or choice. */
const reference: JsonSchema = { type: 'string', pattern: '\\$\\{' }

/** The JSON Schema (draft-07) by which editors check and complete a config; plugins by name. */
export function jsonSchema(plugins: Readonly<Record<string, object>> = {}): JsonSchema {
  const config = toEditorSchema(configSchema)
  const properties = asSchema(config.properties)
  return {
    ...config,
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Sluice configuration',
    definitions: { provider: nullable(toEditorSchema(providerSchema)) },
    properties: {
      ...properties,
      providers: { ...asSchema(properties.providers), ...nullable(providers()) },
      plugins: { ...asSchema(properties.plugins), ...nullable(pluginList(plugins)) },
    },
  }
}

/** A valibot schema for editors: what may be written, `${NAME}` included. */
function toEditorSchema(schema: GenericSchema): JsonSchema {
  const { $schema: _, ...plain } = toJsonSchema(schema, {
    typeMode: 'input',
    target: 'draft-07',
    errorMode: 'ignore',
  })
  return withReferences(plain)
}

function providers(): JsonSchema {
  const provider = { $ref: '#/definitions/provider' }
  const known = Object.entries(presets).map(([name, preset]) => [
    name,
    { allOf: [provider], description: describePreset(preset) },
  ])
  return {
    type: 'object',
    properties: Object.fromEntries(known),
    additionalProperties: provider,
  }
}

function describePreset({ base_url, env }: Preset): string {
  return env.length === 0 ? base_url : `${base_url} (key from ${env.join(' or ')})`
}

/** A plugin's own options and what may be said of any plugin. */
function withTerms(options: JsonSchema): JsonSchema {
  if (options.type !== 'object') return options
  const terms = asSchema(toEditorSchema(termsSchema).properties)
  return { ...options, properties: { ...asSchema(options.properties), ...terms } }
}

function pluginList(plugins: Readonly<Record<string, object>>): JsonSchema {
  const known = Object.entries(plugins).map(([name, options]) => {
    const { $schema: _, ...plain } = asSchema(options)
    return [
      name,
      { ...nullable(withTerms(withReferences(plain))), description: `Options of ${name}.` },
    ]
  })
  const names = { type: 'string', examples: Object.keys(plugins) }
  const withOptions = {
    type: 'object',
    minProperties: 1,
    maxProperties: 1,
    properties: Object.fromEntries(known),
    additionalProperties: {
      ...nullable(withTerms({ type: 'object' })),
      description: 'Options of a plugin of your own.',
    },
  }
  return { type: 'array', items: { anyOf: [names, withOptions] } }
}

function nullable(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] }
}

function withReferences(schema: JsonSchema): JsonSchema {
  if (Array.isArray(schema.anyOf)) {
    const choices = schema.anyOf.map(asSchema)
    const closed = choices.some(isClosedScalar)
    const anyOf = choices.map((choice) =>
      isClosedScalar(choice) ? choice : withReferences(choice),
    )
    return { ...schema, anyOf: closed && !anyOf.some(isReference) ? [...anyOf, reference] : anyOf }
  }
  if (isClosedScalar(schema)) {
    const { description, default: usual, ...rest } = schema
    return {
      anyOf: [rest, reference],
      ...(usual !== undefined && { default: usual }),
      ...(description !== undefined && { description }),
    }
  }
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => {
      if (name === 'properties') {
        const inner = Object.entries(asSchema(value))
        return [name, Object.fromEntries(inner.map(([key, item]) => [key, within(item)]))]
      }
      return [name, name === 'items' || name === 'additionalProperties' ? within(value) : value]
    }),
  )
}

function within(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(within)
  return typeof value === 'object' && value !== null ? withReferences(asSchema(value)) : value
}

function isClosedScalar({ type, pattern, enum: choices, const: only }: JsonSchema): boolean {
  if (type === 'number' || type === 'integer' || type === 'boolean') return true
  return (pattern !== undefined && pattern !== reference.pattern) || Boolean(choices ?? only)
}

function isReference({ pattern }: JsonSchema): boolean {
  return pattern === reference.pattern
}

function asSchema(value: unknown): JsonSchema {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
