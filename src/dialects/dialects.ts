import { continuing, type Call } from '../chat.ts'
import type { DialectName, ProviderConfig } from '../config.ts'
import { aiSdk } from './ai-sdk.ts'
import { GatewayError } from '../errors.ts'
import { needOf } from '../formats/demands.ts'
import { anthropic } from './anthropic.ts'
import type { Dialect } from './dialect.ts'
import { gemini } from './gemini.ts'
import { nameRules, withToolNames } from './named.ts'
import { openai } from './openai.ts'
import { responses } from './responses.ts'

const dialects: Readonly<Record<DialectName, Dialect>> = {
  openai: withToolNames(openai, nameRules.openai),
  responses: withToolNames(responses, nameRules.openai),
  anthropic: withToolNames(anthropic, nameRules.anthropic),
  gemini: withToolNames(gemini, nameRules.gemini),
  'ai-sdk': aiSdk,
}

/** Refuses what only a provider of the client's own format can honour. */
const checkNeed = ({ format }: Dialect, { request, source }: Call): void => {
  const need = needOf(source?.request ?? request)
  if (need === undefined || need.format === format) return
  const { format: _own, ...details } = need
  throw new GatewayError('invalid_request_error', details)
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
  // a response is never begun by the client
  const begun = call.vars.get(continuing) && able.length > 1
  const open = begun ? able.filter(({ format }) => format !== 'responses') : able
  const chosen = open.find(({ format }) => format === source?.format) ?? open[0]
  if (chosen) checkNeed(chosen, call)
  return chosen
}
