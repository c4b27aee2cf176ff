import { toJsonSchemaDefs } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { answers } from './answers.ts'
import { withFieldNotes } from './fields.ts'
import { parts, requests } from './requests.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

const named = { ...requests, ...parts, ...answers } satisfies Record<string, GenericSchema>

export type SchemaName = keyof typeof named

/** Where references to a component schema point. */
export const schemaPath = (name: string): string => `#/components/schemas/${name}`

export const schemaRef = (name: SchemaName) => ({ $ref: schemaPath(name) })

const isRequest = (name: string): boolean => Object.hasOwn(requests, name)

/** `components.schemas`: every schema once; what contains a named one refers to it. */
export const componentSchemas = (): Readonly<Record<string, JsonSchema>> => {
  const converted = toJsonSchemaDefs(named, {
    target: 'draft-2020-12',
    typeMode: 'input',
    errorMode: 'ignore',
    overrideRef: ({ referenceId }) => schemaPath(referenceId),
    overrideSchema: ({ valibotSchema }) =>
      valibotSchema.type === 'file' ? { type: 'string', format: 'binary' } : undefined,
  })
  return Object.fromEntries(
    Object.entries(converted).map(([name, schema]) => [
      name,
      isRequest(name) ? withFieldNotes(name, { ...schema }) : { ...schema },
    ]),
  )
}
