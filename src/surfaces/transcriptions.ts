import * as v from 'valibot'
import type { Chunk, Request } from '../chat.ts'
import { GatewayError } from '../errors.ts'
import { wholeText } from '../kept.ts'
import { routed } from './chat-completions.ts'
import { mediaEvents } from './media-events.ts'
import { toOpenAIError } from './openai-error.ts'
import type { Form, Surface, Wire } from './surface.ts'

const missing = (param: string, expected: string) =>
  new GatewayError('invalid_request_error', { param, message: `${param}: expected ${expected}.` })

/** A form's fields: `name[]` and repeated ones are lists, `stream` is what it says. */
const fieldsOf = (form: Form): Record<string, unknown> => {
  const fields: Record<string, unknown> = {}
  for (const [key, all] of form) {
    const values = all.filter((value) => typeof value === 'string')
    const [first] = values
    if (first === undefined) continue
    if (key.endsWith('[]')) fields[key.slice(0, -2)] = values
    else if (key === 'stream') fields[key] = first === 'true' || first === '1'
    else fields[key] = values.length > 1 ? values : first
  }
  return fields
}

/** The file becomes a string, so that a plugin can keep and compare requests. */
const decodeForm = (form: Form): Request => {
  const file = form.get('file')?.[0]
  if (file === undefined || typeof file === 'string') throw missing('file', 'a file')
  const { model, ...fields } = fieldsOf(form)
  const { success, output } = v.safeParse(routed.model, model)
  if (!success) throw missing('model', 'the name of a model')
  const [, format = 'wav'] = /\.([a-z0-9]+)$/i.exec(file.name) ?? []
  return {
    model: output,
    ...fields,
    input_audio: {
      data: Buffer.from(file.bytes).toString('base64'),
      format: format.toLowerCase(),
      filename: file.name,
      ...(file.type && { content_type: file.type }),
    },
  }
}

const isText = ({ call }: Wire): boolean =>
  call?.request.stream !== true &&
  ['text', 'srt', 'vtt'].includes(String(call?.request.response_format))

/** A whole answer as the events of a stream, which tell tokens and no seconds. */
const toEvents = ({ text, usage }: Chunk): readonly Chunk[] =>
  typeof text === 'string'
    ? [
        { type: 'transcript.text.delta', delta: text },
        { type: 'transcript.text.done', text, ...(usage?.type === 'tokens' && { usage }) },
      ]
    : []

/** `POST /v1/audio/transcriptions`, a form as OpenAI has it or OpenRouter's JSON. */
export const transcriptions: Surface = {
  operation: 'transcriptions',
  format: 'openai',
  request: v.looseObject({
    model: routed.model,
    models: routed.models,
    input_audio: v.looseObject({
      data: v.pipe(v.string(), v.description('Base64.'), v.examples(['UklGRg=='])),
      format: v.pipe(v.string(), v.examples(['wav'])),
    }),
    language: v.optional(v.nullable(v.string())),
    response_format: v.optional(v.nullable(v.string())),
    stream: routed.stream,
  }),
  decodeForm,
  whole: (chunk, wire) =>
    isText(wire) && typeof chunk.text === 'string'
      ? chunk.text
      : (wholeText(chunk) ?? JSON.stringify(chunk)),
  events: mediaEvents(toEvents, false),
  headers: (wire): Record<string, string> =>
    isText(wire) ? { 'content-type': 'text/plain; charset=utf-8' } : {},
  error: toOpenAIError,
}
