import {
  definePlugin,
  estimateTokens,
  GatewayError,
  notices,
  v,
  type Call,
  type Request,
} from 'sluice/plugin'
import { enclosedIn, readIn, type Enclosed } from './limits/measured.ts'

const count = v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0)))
const some = v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1)))

const options = v.strictObject({
  characters: some,
  tokens: some,
  messages: some,
  tools: count,
  images: count,
  image_bytes: some,
  files: count,
  file_bytes: some,
  max_tokens: some,
  above_max_tokens: v.optional(v.picklist(['refuse', 'lower']), 'refuse'),
})

type Limits = v.InferOutput<typeof options>

const tooLarge = (param: string, message: string): GatewayError =>
  new GatewayError('payload_too_large', { param, message })

const tooMany = (param: string, most: number, there: number): GatewayError =>
  new GatewayError('invalid_request_error', {
    param,
    message: `${param}: ${there} are more than the ${most} allowed here.`,
  })

/** Where the texts of a request mostly are. */
const placeOf = ({ messages, prompt, input }: Request): string => {
  if (messages) return 'messages'
  if (prompt !== undefined) return 'prompt'
  return input === undefined ? 'body' : 'input'
}

const checkLength = (request: Request, { characters, tokens }: Limits): void => {
  if (characters === undefined && tokens === undefined) return
  const texts = readIn(request)
  const place = placeOf(request)
  const length = texts.reduce((sum, text) => sum + text.length, 0)
  if (characters !== undefined && length > characters)
    throw tooLarge(place, `The prompt has ${length} characters; ${characters} are allowed here.`)
  // an estimate never has more tokens than the text has letters
  if (tokens === undefined || length <= tokens) return
  const counted = estimateTokens(texts.join('\n'))
  if (counted > tokens)
    throw tooLarge(place, `The prompt has about ${counted} tokens; ${tokens} are allowed here.`)
}

const checkKind = (
  found: readonly Enclosed[],
  kind: Enclosed['kind'],
  most: number | undefined,
  mostBytes: number | undefined,
): void => {
  const ofKind = found.filter((one) => one.kind === kind)
  const surplus = most === undefined ? undefined : ofKind[most]
  if (surplus)
    throw new GatewayError('invalid_request_error', {
      param: surplus.param,
      message: `${surplus.param}: ${ofKind.length} ${kind}s are more than the ${most} allowed here.`,
    })
  if (mostBytes === undefined) return
  const large = ofKind.find(({ bytes }) => bytes !== undefined && bytes > mostBytes)
  if (large)
    throw tooLarge(
      large.param,
      `${large.param}: the ${kind} has ${large.bytes} bytes; ${mostBytes} are allowed here.`,
    )
}

const checkCounts = (request: Request, limits: Limits): void => {
  const { messages = [], tools } = request
  if (limits.messages !== undefined && messages.length > limits.messages)
    throw tooMany('messages', limits.messages, messages.length)
  if (limits.tools !== undefined && Array.isArray(tools) && tools.length > limits.tools)
    throw tooMany('tools', limits.tools, tools.length)
  const { images, image_bytes, files, file_bytes } = limits
  if ((images ?? image_bytes ?? files ?? file_bytes) === undefined) return
  const found = enclosedIn(request)
  checkKind(found, 'image', images, image_bytes)
  checkKind(found, 'file', files, file_bytes)
}

const answering = new Set<Call['operation']>(['chat', 'completions'])

/** The request, whose answer has a limit: the client's own where that is lower. */
const withCeiling = (call: Call, { max_tokens: most, above_max_tokens }: Limits): Request => {
  const { request, operation, vars } = call
  if (most === undefined || !answering.has(operation)) return request
  const name =
    typeof request.max_completion_tokens === 'number' ? 'max_completion_tokens' : 'max_tokens'
  const asked = request[name]
  if (typeof asked !== 'number') return { ...request, max_tokens: most }
  if (asked <= most) return request
  if (above_max_tokens === 'refuse')
    throw new GatewayError('invalid_request_error', {
      param: name,
      message: `${name}: at most ${most} are allowed here.`,
    })
  vars.get(notices).push(`limits: ${name} lowered to ${most}`)
  return { ...request, [name]: most }
}

/** Refuses what is larger than it may be here, before anybody is paid for it. */
export default definePlugin({
  name: 'limits',
  options,
  operations: ['chat', 'completions', 'embeddings', 'images', 'moderations', 'rerank', 'speech'],
  order: [{ outside: 'fallback', why: 'what it refuses would be refused at every endpoint' }],
  setup: (limits) => (call, next) => {
    checkCounts(call.request, limits)
    checkLength(call.request, limits)
    const request = withCeiling(call, limits)
    return next(request === call.request ? call : { ...call, request })
  },
})
