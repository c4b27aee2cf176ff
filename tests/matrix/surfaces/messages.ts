import {
  parsed,
  type Ask,
  type Document,
  type Media,
  type Raw,
  type Seen,
  type Surface,
  type Turn,
} from '../ask.ts'
import { createRules, eventsIn, type Rules } from '../wire.ts'

const marked = { cache_control: { type: 'ephemeral' } }

const sourceOf = (media: Media) =>
  'url' in media
    ? { type: 'url', url: media.url }
    : { type: 'base64', media_type: media.mime, data: media.base64 }

const image = (media: Media) => ({ type: 'image', source: sourceOf(media) })
const file = ({ media, filename }: Document) => ({
  type: 'document',
  source: sourceOf(media),
  ...(filename !== undefined && { title: filename }),
})
const text = (words: string, mark = false) => ({ type: 'text', text: words, ...(mark && marked) })

const messageOf = (turn: Turn, mark: boolean): object => {
  if (turn.role === 'seen') return turn.seen.replay
  if (turn.role === 'said') return { role: 'assistant', content: turn.text }
  if (turn.role === 'instruction') return { role: 'system', content: turn.text }
  if (turn.role === 'results')
    return {
      role: 'user',
      content: turn.results.map(({ call, text: words, image: shown }) => ({
        type: 'tool_result',
        tool_use_id: call.id,
        content: shown ? [text(words), image(shown)] : words,
      })),
    }
  const media = [...(turn.images ?? []).map(image), ...(turn.files ?? []).map(file)]
  const plain = media.length === 0 && !mark
  return { role: 'user', content: plain ? turn.text : [...media, text(turn.text, mark)] }
}

const choiceOf = ({ choice, parallel }: Ask) => {
  const off = parallel === false && { disable_parallel_tool_use: true }
  if (choice === undefined) return off ? { tool_choice: { type: 'auto', ...off } } : {}
  if (choice === 'none') return { tool_choice: { type: 'none' } }
  if (choice === 'required') return { tool_choice: { type: 'any', ...off } }
  return { tool_choice: { type: 'tool', name: choice.name, ...off } }
}

const write = (ask: Ask): object => ({
  max_tokens: ask.maxTokens ?? 8192,
  ...(ask.system !== undefined && {
    system: ask.cached ? [text(ask.system, true)] : ask.system,
  }),
  messages: ask.turns.map((turn, at) => messageOf(turn, at === 0 && ask.cached === true)),
  ...(ask.tools && {
    tools: [
      ...ask.tools.map(({ name, description, schema }) => ({
        name,
        description,
        input_schema: schema,
      })),
      ...(ask.hosted ? [{ type: 'web_search_20250305', name: 'web_search', max_uses: 3 }] : []),
    ],
  }),
  ...choiceOf(ask),
  ...(ask.schema && { output_config: { format: { type: 'json_schema', schema: ask.schema } } }),
  ...(ask.temperature !== undefined && { temperature: ask.temperature }),
  ...(ask.topP !== undefined && { top_p: ask.topP }),
  ...(ask.stop && { stop_sequences: ask.stop }),
  ...(ask.thinking && { thinking: { type: 'enabled', budget_tokens: 4096 } }),
  ...(ask.adaptive && {
    thinking: { type: 'adaptive', display: 'omitted' },
    output_config: { effort: 'high' },
  }),
})

/** Which deltas a block takes. */
const taken: Readonly<Record<string, readonly string[]>> = {
  text: ['text_delta', 'citations_delta'],
  thinking: ['thinking_delta', 'signature_delta'],
  tool_use: ['input_json_delta'],
  server_tool_use: ['input_json_delta'],
}

const grow = (block: any, delta: any): any => {
  switch (delta.type) {
    case 'text_delta':
      return { ...block, text: block.text + delta.text }
    case 'citations_delta':
      return { ...block, citations: [...(block.citations ?? []), delta.citation] }
    case 'thinking_delta':
      return { ...block, thinking: block.thinking + delta.thinking }
    case 'signature_delta':
      return { ...block, signature: `${block.signature ?? ''}${delta.signature}` }
    case 'input_json_delta':
      return { ...block, json: `${block.json ?? ''}${delta.partial_json}` }
    default:
      return block
  }
}

const closed = ({ json, ...block }: any): any =>
  block.type.endsWith('tool_use') ? { ...block, input: json ? parsed(json) : block.input } : block

const usageFields = [
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
  'output_tokens_details',
]

const foldStream = (raw: string, { must }: Rules) => {
  const blocks: any[] = []
  let message: any
  let open = -1
  let ended: 'stop' | 'error' | undefined
  let error: any
  for (const { event, json } of eventsIn(raw)) {
    must(event === json?.type, `the event ${event} has its type in its data`)
    must(ended === undefined, `nothing comes after the end, such as ${event}`)
    const { type } = json ?? {}
    if (type === 'ping') continue
    if (type === 'error') {
      ended = 'error'
      error = json.error
      must(typeof error?.message === 'string' && error.type, 'an error has type and message')
      continue
    }
    if (type === 'message_start') {
      must(message === undefined, 'message_start comes once')
      message = json.message
      must(message?.type === 'message' && message.role === 'assistant', 'it starts a message')
      must(typeof message?.id === 'string' && message.model, 'the message has id and model')
      must(Array.isArray(message?.content) && message.content.length === 0, 'it starts empty')
      must(message?.stop_reason === null, 'it has not stopped yet')
      must(Number.isInteger(message?.usage?.input_tokens), 'message_start has input_tokens')
      continue
    }
    must(message !== undefined, `message_start comes before ${type}`)
    if (type === 'content_block_start') {
      must(open === -1, 'the block before is closed when another begins')
      must(json.index === blocks.length, `block ${json.index} is number ${blocks.length}`)
      open = blocks.length
      blocks.push(json.content_block)
    } else if (type === 'content_block_delta') {
      must(json.index === open, `a delta of block ${json.index} while ${open} is open`)
      const fits = taken[blocks[json.index]?.type]
      must(
        !fits || fits.includes(json.delta?.type) || json.delta?.type.startsWith('tint'),
        `${json.delta?.type} in ${blocks[json.index]?.type}`,
      )
      if (blocks[json.index]) blocks[json.index] = grow(blocks[json.index], json.delta)
    } else if (type === 'content_block_stop') {
      must(json.index === open, `block ${json.index} stops while ${open} is open`)
      open = -1
    } else if (type === 'message_delta') {
      must(open === -1, 'all blocks are closed before message_delta')
      must(message?.stop_reason === null, 'message_delta comes once')
      must(Number.isInteger(json.usage?.output_tokens), 'message_delta has output_tokens')
      const told = usageFields
        .filter((field) => json.usage?.[field] !== undefined && json.usage[field] !== null)
        .map((field) => [field, json.usage[field]])
      message = {
        ...message,
        ...json.delta,
        usage: { ...message?.usage, ...Object.fromEntries(told) },
      }
      must(typeof message.stop_reason === 'string', 'message_delta has a stop_reason')
    } else if (type === 'message_stop') {
      must(typeof message?.stop_reason === 'string', 'message_delta comes before message_stop')
      ended = 'stop'
    }
  }
  must(ended !== undefined, 'a stream ends with message_stop or an error')
  return { ...message, content: blocks.map(closed), error }
}

const checkWhole = (body: any, { must }: Rules) => {
  if (body.type === 'error' || body.error) {
    must(body.type === 'error', 'an error has the type error')
    must(typeof body.error?.message === 'string' && body.error.type, 'it has type and message')
    must(typeof body.request_id === 'string', 'it has a request_id')
    return body
  }
  must(body.type === 'message' && body.role === 'assistant', 'it is a message')
  must(typeof body.id === 'string' && body.model, 'it has id and model')
  must(Array.isArray(body.content), 'it has content')
  must('stop_reason' in body && 'stop_sequence' in body, 'it has stop_reason and stop_sequence')
  must(Number.isInteger(body.usage?.input_tokens), 'it has usage')
  return body
}

const finishes: Readonly<Record<string, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  tool_use: 'tool_calls',
  refusal: 'content_filter',
}

const read = ({ status, headers, text: raw }: Raw, stream: boolean): Seen => {
  const rules = createRules()
  const body = stream ? foldStream(raw, rules) : checkWhole(parsed(raw) as any, rules)
  const content: any[] = body.content ?? []
  const of = (type: string) => content.filter((block) => block.type === type)
  for (const block of of('text')) rules.must(block.text !== '', 'no text block is empty')
  for (const block of of('thinking'))
    rules.must(typeof block.signature === 'string', 'thinking has a signature, if an empty one')
  const { usage, error } = body
  const cached = usage?.cache_read_input_tokens ?? 0
  const cacheWrite = usage?.cache_creation_input_tokens ?? 0
  return {
    status,
    headers,
    raw,
    text: of('text')
      .map((block) => block.text)
      .join(''),
    refusal:
      body.stop_reason === 'refusal'
        ? (body.stop_details?.explanation ??
          of('text')
            .map(({ text: said }) => said)
            .join(''))
        : '',
    reasoning: of('thinking')
      .map((block) => block.thinking)
      .join(''),
    calls: of('tool_use').map(({ id, name, input }) => ({ id, name, args: input })),
    images: [],
    finish: finishes[body.stop_reason] ?? body.stop_reason ?? undefined,
    word: body.stop_reason,
    usage: {
      ...(usage && { input: usage.input_tokens + cached + cacheWrite }),
      output: usage?.output_tokens,
      cached,
      cacheWrite,
      reasoning: usage?.output_tokens_details?.thinking_tokens,
    },
    citations: of('text').flatMap((block) =>
      (block.citations ?? []).map(({ url, title }: any) => ({ url, title })),
    ),
    ...(error && { error: { type: error.type, message: error.message } }),
    mistakes: rules.mistakes,
    replay: { role: 'assistant', content },
  }
}

/** The newer version is what takes instructions in the middle. */
const versionFor = ({ turns }: Ask): string =>
  turns.some(({ role }) => role === 'instruction') ? '2026-10-21' : '2023-06-01'

/** `POST /v1/messages` */
export const messages: Surface = {
  name: 'messages',
  write: (ask, { model, stream }) => ({
    path: '/v1/messages',
    headers: { 'x-api-key': 'sk-client', 'anthropic-version': versionFor(ask) },
    body: { model, ...write(ask), ...(stream && { stream }) },
  }),
  read,
  forget: ({ content, ...message }) => ({
    ...message,
    content: content.filter(({ type }: any) => !type.endsWith('thinking')),
  }),
  errors: {
    limited: { status: [429], type: /^rate_limit_error$/ },
    context: { status: [400], type: /^invalid_request_error$/ },
    overloaded: { status: [502, 503, 529], type: /^(overloaded_error|api_error)$/ },
  },
}
