import type { Call } from '../chat.ts'
import type { DialectName, ProviderConfig } from '../config.ts'
import { aiSdk } from './ai-sdk.ts'
import { GatewayError } from '../errors.ts'
import { needOf } from '../formats/responses/origin.ts'
import { anthropic } from './anthropic.ts'
import type { Dialect } from './dialect.ts'
import { gemini } from './gemini.ts'
import { openai } from './openai.ts'
import { responses } from './responses.ts'

const dialects: Readonly<Record<DialectName, Dialect>> = {
  openai,
  responses,
  anthropic,
  gemini,
  'ai-sdk': aiSdk,
}

/** Refuses what only a provider can answer that kept it itself. */
const checkNeed = ({ format }: Dialect, { request, source }: Call): void => {
  const param = needOf(source?.request ?? request)
  if (param === undefined || format === 'responses') return
  throw new GatewayError('invalid_request_error', {
    param,
    message: `Nothing with that ${param} is kept here, and this model’s provider keeps nothing.`,
    ...(param === 'previous_response_id' && { wireCode: 'previous_response_not_found' }),
  })
}

/** The format in which a provider is asked: the client's own if it speaks that, else its usual one. */
export const dialectFor = (
  { dialects: spoken }: ProviderConfig,
  call: Call,
): Dialect | undefined => {
  const { source, operation } = call
  const able = spoken
    .map((name) => dialects[name])
    .filter(({ operations }) => operations.includes(operation))
  const chosen = able.find(({ format }) => format === source?.format) ?? able[0]
  if (chosen) checkNeed(chosen, call)
  return chosen
}
