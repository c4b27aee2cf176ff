import { anthropicShape } from '../surfaces/messages/error.ts'
import { toGeminiError } from '../surfaces/gemini/error.ts'
import { toOllamaError } from '../surfaces/ollama/error.ts'
import { toResponsesError } from '../surfaces/responses/error.ts'
import { toOpenAIError } from '../surfaces/openai-error.ts'
import type { Surface } from '../surfaces/surface.ts'

/** How errors look to a client. */
export type Shape = Pick<Surface, 'error' | 'status' | 'headers'>

const openAI: Shape = { error: toOpenAIError }

/** By path, the first that fits; for errors that come before a surface is known. */
const shapes: readonly (readonly [RegExp, Shape])[] = [
  [/^\/(api\/)?v1\/messages(\/|$)/, anthropicShape],
  [/^\/(api\/)?v1\/responses(\/|$)/, { error: toResponsesError }],
  [/^\/v1beta\/|^\/v1\/models\/.*(:|%3a)\w+(Content|Contents|Tokens)$/i, { error: toGeminiError }],
  [/^\/api\/(?!v1\/|(health|queue|route)$)/, { error: toOllamaError }],
]

/** The shape of errors at that path. */
export const shapeAt = (path: string): Shape =>
  shapes.find(([pattern]) => pattern.test(path))?.[1] ?? openAI
