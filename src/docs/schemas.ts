import { toJsonSchemaDefs } from '@valibot/to-json-schema'
import type { GenericSchema } from 'valibot'
import { chatCompletions, routed } from '../surfaces/chat-completions.ts'
import { completions } from '../surfaces/completions.ts'
import { embeddings } from '../surfaces/embeddings.ts'
import { answers } from './answers.ts'
import { withFieldNotes } from './fields.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

const requests = {
  ChatCompletionRequest: chatCompletions.request,
  CompletionRequest: completions.request,
  EmbeddingRequest: embeddings.request,
}

const parts = { ModelName: routed.model, SpareModels: routed.models }

const named = { ...requests, ...parts, ...answers } satisfies Record<string, GenericSchema>

export type SchemaName = keyof typeof named

/** Where references to a component schema point. */
export const schemaPath = (name: string): string => `#/components/schemas/${name}`

export const schemaRef = (name: SchemaName) => ({ $ref: schemaPath(name) })

/** The component that stands for a surface's request. */
export const requestRef = (request: GenericSchema): { readonly $ref: string } | undefined => {
  const name = Object.entries(requests).find(([, schema]) => schema === request)?.[0]
  return name === undefined ? undefined : { $ref: schemaPath(name) }
}

const isRequest = (name: string): boolean => Object.hasOwn(requests, name)

/** `components.schemas`: every schema once; what contains a named one refers to it. */
export const componentSchemas = (): Readonly<Record<string, JsonSchema>> => {
  const converted = toJsonSchemaDefs(named, {
    target: 'draft-2020-12',
    typeMode: 'input',
    errorMode: 'ignore',
    overrideRef: ({ referenceId }) => schemaPath(referenceId),
  })
  return Object.fromEntries(
    Object.entries(converted).map(([name, schema]) => [
      name,
      isRequest(name) ? withFieldNotes({ ...schema }) : { ...schema },
    ]),
  )
}
