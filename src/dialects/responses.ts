import { ownFields, routing } from '../formats/routing.ts'
import { objectOf, type Fields } from '../fields.ts'
import type { Call, Endpoint } from '../chat.ts'
import type { ProviderConfig } from '../config.ts'
import { itemsOf } from '../formats/responses/origin.ts'
import { isForeign } from '../formats/responses/reasoning.ts'
import { routerFields } from '../formats/responses.ts'
import type { Source } from '../chat.ts'
import { alikeBody, isAlike, isRethought, type Dialect, type Encoded } from './dialect.ts'
import { applyQuirks } from './quirks.ts'
import { asOurs, asWritten, rethought } from './responses/body.ts'
import { eventDecoder } from './responses/stream.ts'
import { decodeCount, decodeWhole } from './responses/whole.ts'

const paths = { chat: '/responses', count_tokens: '/responses/input_tokens' } as const

/**
 * What the client sent, as a provider may see it: with the history that only we keep in it, and without the reasoning
 * that we gave an envelope of ours.
 */
const prepared = (source: Source): Source => {
  const { value } = source.json
  const kept = itemsOf(source.request)
  const items = kept ?? value.input
  if (!Array.isArray(items)) return source
  const input = items.some(isForeign) ? items.filter((item) => !isForeign(item)) : items
  if (input === value.input) return source
  const { previous_response_id, ...rest } = value
  const body: Fields = {
    ...rest,
    input,
    ...(!kept && previous_response_id !== undefined && { previous_response_id }),
  }
  return { ...source, json: { text: JSON.stringify(body), value: body } }
}

/** OpenRouter's words about thinking, which no other server of the format knows. */
const foreignWords = ['exclude', 'enabled', 'max_tokens']

/** Whether how much to think is not said as the format has it. */
const isToldElsewise = (call: Call): boolean =>
  isRethought(call) || foreignWords.some((word) => word in objectOf(call.request.reasoning))

const encodeAlike = (source: Source, call: Call, { model }: Endpoint, provider: ProviderConfig) => {
  const router = provider.preset === 'openrouter'
  const request = isToldElsewise(call) && !router ? rethought(call.request, model) : call.request
  return alikeBody(prepared(source), request, asWritten, router ? ownFields : routing, { model })
}

const counted = ({ input, instructions, tools, tool_choice, text, reasoning, model }: Fields) => ({
  model,
  instructions,
  input,
  tools,
  tool_choice,
  text,
  reasoning,
})

const encode = (call: Call, endpoint: Endpoint, provider: ProviderConfig): Encoded => {
  const { source, request, operation } = call
  const path = paths[operation as keyof typeof paths]
  if (source && isAlike(call, 'responses'))
    return { path, body: encodeAlike(source, call, endpoint, provider) }
  const warnings = new Set<string>()
  const body = asOurs(request, endpoint.model, (warning) => void warnings.add(warning))
  const routed =
    provider.preset === 'openrouter'
      ? Object.fromEntries(
          routerFields
            .filter((field) => !ownFields.includes(field as 'models'))
            .map((field) => [field, request[field]]),
        )
      : {}
  const asked = operation === 'count_tokens' ? counted(body) : { ...body, ...routed }
  return {
    path,
    body: JSON.stringify(applyQuirks(asked, provider.quirks)),
    warnings: [...warnings],
  }
}

/** OpenAI's Responses. */
export const responses: Dialect = {
  format: 'responses',
  operations: ['chat', 'count_tokens'],
  encode,
  decodeWhole: (text, call) =>
    call.operation === 'count_tokens' ? decodeCount(text) : decodeWhole(text),
  decoder: eventDecoder,
}
