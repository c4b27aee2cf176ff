const draft = 'http://json-schema.org/draft-07/schema#'

export interface Declared {
  readonly name: string
  readonly description: string
  readonly schema: Readonly<Record<string, unknown>>
}

/** What the recorded models call, among what agents bring along. */
export const declared: readonly Declared[] = [
  {
    name: 'Bash',
    description: 'Executes a bash command.\n\nUsage:\n- Use `rg`, never `grep`.\n- "Quote" paths.',
    schema: {
      $schema: draft,
      type: 'object',
      properties: {
        command: { description: 'The command to execute', type: 'string' },
        timeout: { description: 'In milliseconds', type: 'number' },
        run_in_background: { type: 'boolean' },
      },
      required: ['command'],
      additionalProperties: false,
    },
  },
  {
    name: 'get_weather',
    description: 'The weather of a city.',
    schema: {
      type: 'object',
      properties: { city: { type: 'string' }, unit: { type: ['string', 'null'] } },
      required: ['city'],
      $schema: draft,
    },
  },
  {
    name: 'list_files',
    description: 'Lists files.',
    schema: { type: 'object', properties: {}, additionalProperties: false },
  },
  {
    name: 'Edit',
    description: 'Replaces text in a file.',
    schema: {
      $schema: draft,
      $defs: {
        edit: {
          type: 'object',
          properties: { old_string: { type: 'string' }, new_string: { type: 'string' } },
          required: ['old_string', 'new_string'],
        },
      },
      type: 'object',
      properties: {
        file_path: { type: 'string' },
        edits: { type: 'array', items: { $ref: '#/$defs/edit' } },
        replace_all: { default: false, anyOf: [{ type: 'boolean' }, { type: 'null' }] },
      },
      required: ['file_path', 'edits'],
      additionalProperties: false,
    },
  },
]
