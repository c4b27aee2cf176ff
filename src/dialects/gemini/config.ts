import { isObject, type Fields } from '../../fields.ts'
import type { Request } from '../../chat.ts'
import { originOf } from '../../formats/gemini/marks.ts'
import { writeThinking } from './thinking.ts'
import { wordOf } from '../../formats/unchecked.ts'

const names: Readonly<Record<string, string>> = {
  temperature: 'temperature',
  top_p: 'topP',
  top_k: 'topK',
  n: 'candidateCount',
  seed: 'seed',
  presence_penalty: 'presencePenalty',
  frequency_penalty: 'frequencyPenalty',
  logprobs: 'responseLogprobs',
  top_logprobs: 'logprobs',
}

const writeFormat = (format: unknown): Fields => {
  if (!isObject(format)) return {}
  if (format.type === 'json_object') return { responseMimeType: 'application/json' }
  const { json_schema } = format
  if (format.type !== 'json_schema' || !isObject(json_schema)) return {}
  const { schema } = json_schema
  const origin = originOf<{ written?: unknown; read?: unknown }>(format)
  const own = origin?.written !== undefined && origin.read === schema
  return {
    responseMimeType: 'application/json',
    ...(own
      ? { responseSchema: origin.written }
      : schema !== undefined && { responseJsonSchema: schema }),
  }
}

const imageNames: Readonly<Record<string, string>> = {
  aspect_ratio: 'aspectRatio',
  image_size: 'imageSize',
}

const writeImages = (config: unknown): Fields => {
  if (!isObject(config)) return {}
  const fields = Object.entries(imageNames).flatMap(([from, to]) =>
    config[from] === undefined ? [] : [[to, config[from]]],
  )
  return fields.length > 0 ? { imageConfig: Object.fromEntries(fields) } : {}
}

/** `generationConfig`; undefined where nothing is asked of the answer. */
export const writeConfig = (request: Request, model: string): Fields | undefined => {
  const { stop, modalities } = request
  const most = request.max_completion_tokens ?? request.max_tokens
  const plain = Object.entries(names).flatMap(([from, to]) =>
    request[from] === undefined || request[from] === null ? [] : [[to, request[from]]],
  )
  const thinkingConfig = writeThinking(request, model)
  const config: Fields = {
    ...Object.fromEntries(plain),
    ...(most !== undefined && most !== null && { maxOutputTokens: most }),
    ...(typeof stop === 'string' && { stopSequences: [stop] }),
    ...(Array.isArray(stop) && { stopSequences: stop }),
    ...writeFormat(request.response_format),
    ...(Array.isArray(modalities) && {
      responseModalities: modalities.map((kind) => wordOf(kind).toUpperCase()),
    }),
    ...writeImages(request.image_config),
    ...(thinkingConfig && { thinkingConfig }),
  }
  return Object.keys(config).length > 0 ? config : undefined
}
