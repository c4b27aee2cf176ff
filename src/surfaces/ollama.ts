import { asMessage, asResponse, toLines, toWhole } from './ollama/answer.ts'
import { toOllamaError } from './ollama/error.ts'
import { chatSchema, fromChat, fromGenerate, generateSchema } from './ollama/request.ts'
import type { Surface } from './surface.ts'

const shared = {
  operation: 'chat',
  format: 'ollama',
  streamType: () => 'application/x-ndjson',
  error: toOllamaError,
} as const

/** `POST /api/chat` */
export const ollamaChat: Surface = {
  ...shared,
  request: chatSchema,
  decode: fromChat,
  whole: toWhole(asMessage),
  events: toLines(asMessage),
}

/** `POST /api/generate`: a prompt and a system prompt. */
export const ollamaGenerate: Surface = {
  ...shared,
  request: generateSchema,
  decode: fromGenerate,
  whole: toWhole(asResponse),
  events: toLines(asResponse),
}
