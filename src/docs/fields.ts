import type { JsonSchema } from './schemas.ts'

/** Words for request fields whose schema has none; a field means the same in every request. */
const notes: Readonly<Record<string, string>> = {
  stream: 'Whether to send the answer as server-sent events while it is made.',
  n: 'How many answers to give.',
  max_tokens: 'The most tokens to answer with.',
  max_completion_tokens: 'The most tokens to answer with, reasoning included.',
  messages: 'The conversation so far, oldest first.',
  stream_options: 'The usage ends every stream, whether it is asked for here or not.',
  temperature: 'How freely the model chooses its words; 0 is the most predictable.',
  top_p: 'Only words within this share of the probability are chosen from.',
  stop: 'Texts at which the answer ends.',
  tools: 'Functions that the model may ask to be called.',
  response_format: 'The form of the answer: text, JSON, or JSON that follows a schema.',
  encoding_format: 'Vectors as numbers or as base64.',
  dimensions: 'How many numbers a vector has, for models that can choose.',
}

/** A request's schema in words: what each field does, and that others pass. */
export const withFieldNotes = (schema: JsonSchema): JsonSchema => {
  const properties = Object.entries({ ...(schema.properties as Record<string, JsonSchema>) })
  return {
    description: 'What the gateway itself reads. All other fields go to the provider as they are.',
    ...schema,
    additionalProperties: true,
    properties: Object.fromEntries(
      properties.map(([name, property]) => {
        const note = notes[name]
        return [name, note === undefined ? property : { description: note, ...property }]
      }),
    ),
  }
}
