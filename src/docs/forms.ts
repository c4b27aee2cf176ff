import type { GatewayError } from '../errors.ts'
import { toGeminiError } from '../surfaces/gemini/error.ts'
import { anthropicShape } from '../surfaces/messages/error.ts'
import { toOllamaError } from '../surfaces/ollama/error.ts'
import { toOpenAIError } from '../surfaces/openai-error.ts'
import { toResponsesError } from '../surfaces/responses/error.ts'
import type { Surface, Wire } from '../surfaces/surface.ts'
import type { SchemaName } from './schemas.ts'

/** How errors look to one kind of client. */
export interface ErrorForm extends Pick<Surface, 'error' | 'status'> {
  readonly codes: Wire['codes']
  readonly schema: SchemaName
  /** What clients tell the error by, if anything. */
  named?(error: GatewayError, wire: Wire): string
  /** Headers that only this form has. */
  readonly headers?: readonly ['request-id']
}

const coded = (error: GatewayError, wire: Wire): string =>
  String(toOpenAIError(error, { ...wire, codes: 'name' }).error.code)

const openAI = { error: toOpenAIError, named: coded, schema: 'Error' } as const
const responses = { error: toResponsesError, named: coded, schema: 'ResponsesError' } as const

/** By what the names of their components begin with. */
export const forms = {
  OpenAI: { ...openAI, codes: 'name' },
  OpenRouter: { ...openAI, codes: 'status' },
  Responses: { ...responses, codes: 'name' },
  OpenRouterResponses: { ...responses, codes: 'status' },
  Anthropic: {
    error: anthropicShape.error,
    status: anthropicShape.status,
    named: (error, wire) => anthropicShape.error(error, wire).error.type,
    codes: 'name',
    schema: 'AnthropicError',
    headers: ['request-id'],
  },
  Gemini: {
    error: toGeminiError,
    named: (error, wire) => toGeminiError(error, wire).error.status,
    codes: 'name',
    schema: 'GeminiError',
  },
  Ollama: { error: toOllamaError, codes: 'name', schema: 'OllamaError' },
} as const satisfies Readonly<Record<string, ErrorForm>>

export type FormName = keyof typeof forms
