import { isObject, type Fields } from '../../fields.ts'
import type { Request } from '../../chat.ts'
import { withoutCustomTools } from '../../formats/custom-tools.ts'
import { toConversation, type Conversing } from './messages.ts'
import { toThinking } from './thinking.ts'
import { toToolChoice, toTools } from './tools.ts'
import { lookUp } from '../../formats/unchecked.ts'

const numbers = ['temperature', 'top_p', 'top_k'] as const

const toStops = (stop: unknown, alike: boolean): readonly unknown[] | undefined => {
  if (stop === undefined || stop === null) return undefined
  const stops = Array.isArray(stop) ? stop : [stop]
  const usable = alike
    ? stops
    : stops.filter((text) => typeof text === 'string' && text.trim() !== '')
  return usable.length > 0 || alike ? usable : undefined
}

const toFormat = (format: unknown, warn: (text: string) => void): Fields | undefined => {
  if (!isObject(format)) return undefined
  const { schema } = isObject(format.json_schema) ? format.json_schema : { schema: undefined }
  if (format.type === 'json_schema' && isObject(schema)) return { type: 'json_schema', schema }
  if (format.type === 'json_object')
    warn('response_format json_object is not available at this provider')
  return undefined
}

const tiers: Readonly<Record<string, string>> = {
  auto: 'auto',
  priority: 'auto',
  default: 'standard_only',
  standard_only: 'standard_only',
}

const toUserId = ({ user, metadata }: Request): unknown =>
  user ?? (isObject(metadata) ? metadata.user_id : undefined)

export interface Sizing {
  readonly model: string
  /** The limit for an answer that asks for none. */
  readonly max: number
}

/**
 * A request as Anthropic's, still without what only an endpoint can say (`model`). Of what a client of this format
 * sent, everything comes out where it stood.
 */
export const toBody = (asked: Request, { model, max }: Sizing, writing: Conversing): Fields => {
  const request = withoutCustomTools(asked)
  const limit = request.max_completion_tokens ?? request.max_tokens ?? undefined
  const { thinking, effort } = toThinking(request, model, limit ?? max)
  const format = toFormat(request.response_format, writing.warn)
  const tools = toTools(request, writing)
  const tool_choice = toToolChoice(request)
  const stop_sequences = toStops(request.stop, writing.alike)
  const user_id = toUserId(request)
  const tier = lookUp(tiers, request.service_tier)
  const sampling = numbers.filter((field) => typeof request[field] === 'number')
  return {
    ...(limit !== undefined && { max_tokens: limit }),
    ...toConversation(request.messages ?? [], writing),
    ...(tools && (tools.length > 0 || writing.alike) && { tools }),
    ...(tool_choice && { tool_choice }),
    ...(thinking && { thinking }),
    ...((effort ?? format) !== undefined && {
      output_config: { ...(effort !== undefined && { effort }), ...(format && { format }) },
    }),
    ...Object.fromEntries(sampling.map((field) => [field, request[field]])),
    ...(stop_sequences && { stop_sequences }),
    ...(typeof user_id === 'string' && { metadata: { user_id } }),
    ...(tier !== undefined && { service_tier: tier }),
    ...(isObject(request.cache_control) && { cache_control: request.cache_control }),
    ...(typeof request.stream === 'boolean' && { stream: request.stream }),
  }
}
