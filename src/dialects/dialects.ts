import type { Call } from '../chat.ts'
import type { DialectName, ProviderConfig } from '../config.ts'
import { aiSdk } from './ai-sdk.ts'
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

/** The format in which a provider is asked: the client's own if it speaks that, else its usual one. */
export const dialectFor = (
  { dialects: spoken }: ProviderConfig,
  { source, operation }: Call,
): Dialect | undefined => {
  const able = spoken
    .map((name) => dialects[name])
    .filter(({ operations }) => operations.includes(operation))
  return able.find(({ format }) => format === source?.format) ?? able[0]
}
