import { schemaRef, type SchemaName } from './schemas.ts'

/** Bodies by content-type. */
export type Content = Readonly<Record<string, object>>

const anyOf = (names: readonly SchemaName[]) =>
  names.length === 1 && names[0] ? schemaRef(names[0]) : { anyOf: names.map(schemaRef) }

/** @param others schemas that the answer has instead, for other clients */
export const json = (schema: SchemaName, example: object, ...others: SchemaName[]): Content => ({
  'application/json': { schema: anyOf([schema, ...others]), example },
})

/** One JSON array, which grows while it is sent. */
export const growing = (schema: SchemaName, example: readonly object[]): Content => ({
  'application/json': { schema: { type: 'array', items: schemaRef(schema) }, example },
})

interface Stream {
  /** What the data of each event holds. */
  readonly schema: SchemaName
  /** A whole stream. */
  readonly example: string
  /** What each event says, by its name, where events have names. */
  readonly names?: Readonly<Record<string, string>>
}

/** Server-sent events. */
export const events = ({ schema, example, names }: Stream): Content => {
  const done = example.endsWith('data: [DONE]\n\n') ? '; the last event’s is `[DONE]`' : ''
  return {
    'text/event-stream': {
      schema: {
        type: 'string',
        description: `Each event’s data is a ${schema}${done}.`,
        'x-event-data': schemaRef(schema),
        ...(names && { 'x-event-names': Object.keys(names) }),
      },
      example,
    },
  }
}

/** A line of JSON after the other. */
export const lines = (schema: SchemaName, example: string): Content => ({
  'application/x-ndjson': {
    schema: {
      type: 'string',
      description: `Each line is a ${schema}.`,
      'x-line-data': schemaRef(schema),
    },
    example,
  },
})

export const plain = (example: string): Content => ({
  'text/plain': { schema: { type: 'string' }, example },
})

/** Bytes, of one of these types. */
export const bytes = (...types: string[]): Content =>
  Object.fromEntries(types.map((type) => [type, { schema: { type: 'string', format: 'binary' } }]))

/** What the events of a stream are, for a description. */
export const eventList = (names: Readonly<Record<string, string>>): string =>
  Object.entries(names)
    .map(([name, meaning]) => `- \`${name}\`: ${meaning}`)
    .join('\n')
