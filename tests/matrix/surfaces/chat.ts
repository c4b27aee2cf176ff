import {
  dataUrl,
  parsed,
  toMedia,
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

const image = (media: Media) => ({
  type: 'image_url',
  image_url: { url: 'url' in media ? media.url : dataUrl(media) },
})

const file = ({ media, filename }: Document) => ({
  type: 'file',
  file: { filename, file_data: 'url' in media ? media.url : dataUrl(media) },
})

const text = (words: string, mark = false) => ({ type: 'text', text: words, ...(mark && marked) })

const messagesOf = (turn: Turn, mark: boolean): object[] => {
  if (turn.role === 'seen') return [turn.seen.replay]
  if (turn.role === 'said') return [{ role: 'assistant', content: turn.text }]
  if (turn.role === 'instruction') return [{ role: 'system', content: turn.text }]
  if (turn.role === 'results')
    return turn.results.map(({ call, text: words, image: shown }) => ({
      role: 'tool',
      tool_call_id: call.id,
      content: shown ? [text(words), image(shown)] : words,
    }))
  const media = [
    ...(turn.images ?? []).map(image),
    ...(turn.files ?? []).map(file),
    ...(turn.sound
      ? [{ type: 'input_audio', input_audio: { data: turn.sound.base64, format: 'wav' } }]
      : []),
  ]
  const plain = media.length === 0 && !mark
  return [{ role: 'user', content: plain ? turn.text : [...media, text(turn.text, mark)] }]
}

const toolsOf = ({ tools = [], custom, hosted }: Ask): object[] => [
  ...tools.map(({ name, description, schema }) => ({
    type: 'function',
    function: { name, description, parameters: schema },
  })),
  ...(custom ? [{ type: 'custom', custom }] : []),
  ...(hosted ? [{ type: 'openrouter:web_search' }] : []),
]

const write = (ask: Ask): object => ({
  messages: [
    ...(ask.system === undefined
      ? []
      : [{ role: 'system', content: ask.cached ? [text(ask.system, true)] : ask.system }]),
    ...ask.turns.flatMap((turn, at) => messagesOf(turn, at === 0 && ask.cached === true)),
  ],
  ...((ask.tools ?? ask.custom) && { tools: toolsOf(ask) }),
  ...(ask.choice && {
    tool_choice:
      typeof ask.choice === 'string' ? ask.choice : { type: 'function', function: ask.choice },
  }),
  ...(ask.parallel === false && { parallel_tool_calls: false }),
  ...(ask.schema && {
    response_format: {
      type: 'json_schema',
      json_schema: { name: 'city', strict: true, schema: ask.schema },
    },
  }),
  ...(ask.json && { response_format: { type: 'json_object' } }),
  ...(ask.maxTokens && { max_tokens: ask.maxTokens }),
  ...(ask.temperature !== undefined && { temperature: ask.temperature }),
  ...(ask.topP !== undefined && { top_p: ask.topP }),
  ...(ask.stop && { stop: ask.stop }),
  ...(ask.thinking && { reasoning: { effort: 'medium' } }),
  ...(ask.cacheKey && { prompt_cache_key: ask.cacheKey }),
})

/** Pieces of one detail are those with its index and type. */
const foldDetails = (pieces: readonly any[]): any[] =>
  pieces.reduce<any[]>((all, piece) => {
    const at = all.findIndex(({ index, type }) => index === piece.index && type === piece.type)
    if (at < 0 || piece.index === undefined) return [...all, { ...piece }]
    const known = all[at]
    const joined = { ...known, ...piece }
    for (const field of ['text', 'summary', 'data'])
      if (piece[field] !== undefined || known[field] !== undefined)
        joined[field] = `${known[field] ?? ''}${piece[field] ?? ''}`
    return all.with(at, joined)
  }, [])

const foldCalls = (pieces: readonly any[], { must }: Rules): any[] => {
  const calls: any[] = []
  for (const piece of pieces) {
    must(Number.isInteger(piece.index), 'every piece of a tool call has an index')
    const known = calls[piece.index]
    const kind = known?.type ?? piece.type ?? 'function'
    const field = kind === 'custom' ? 'input' : 'arguments'
    if (known === undefined) {
      must(piece.index === calls.length, 'tool calls begin in the order of their indices')
      must(piece.id && piece[kind]?.name, 'the first piece of a tool call has its id and name')
    }
    calls[piece.index] = {
      id: known?.id ?? piece.id,
      type: kind,
      [kind]: {
        name: known?.[kind].name ?? piece[kind]?.name,
        [field]: `${known?.[kind][field] ?? ''}${piece[kind]?.[field] ?? ''}`,
      },
    }
  }
  return calls
}

const foldStream = (raw: string, rules: Rules) => {
  const { must } = rules
  const events = eventsIn(raw)
  must(events.at(-1)?.data === '[DONE]', 'a stream ends with [DONE]')
  must(events.filter(({ data }) => data === '[DONE]').length <= 1, '[DONE] comes once')
  must(
    events.every(({ event }) => event === undefined),
    'no event has a name',
  )
  const chunks = events.slice(0, -1).map(({ json }) => json)
  must(
    chunks.every((chunk) => typeof chunk === 'object'),
    'every event is JSON',
  )
  must(new Set(chunks.map((chunk) => chunk?.id)).size <= 1, 'all chunks have one id')
  for (const chunk of chunks) {
    must(chunk?.object === 'chat.completion.chunk', 'every chunk is a chat.completion.chunk')
    must(typeof chunk?.id === 'string' && typeof chunk.model === 'string', 'chunks have id, model')
    must(Number.isInteger(chunk?.created), 'chunks have created')
    must(Array.isArray(chunk?.choices), 'chunks have choices')
  }
  const choices = chunks.flatMap((chunk) => chunk?.choices ?? [])
  const deltas = choices.map((choice) => choice.delta ?? {})
  const finishes = choices.filter((choice) => choice.finish_reason)
  must(finishes.length === 1, `one finish_reason, not ${finishes.length}`)
  must(deltas[0]?.role === 'assistant', 'the first delta has the role')
  const finished = choices.findIndex((choice) => choice.finish_reason)
  must(
    choices.slice(finished + 1).every(({ delta }) => !delta?.content && !delta?.tool_calls),
    'nothing is said after the finish',
  )
  const usages = chunks.filter((chunk) => chunk?.usage)
  must(usages.length <= 1, `usage comes once, not ${usages.length} times`)
  const join = (field: string) => deltas.map((delta) => delta[field] ?? '').join('')
  return {
    message: {
      content: join('content'),
      reasoning: join('reasoning'),
      refusal: join('refusal'),
      reasoning_details: foldDetails(deltas.flatMap((delta) => delta.reasoning_details ?? [])),
      tool_calls: foldCalls(
        deltas.flatMap((delta) => delta.tool_calls ?? []),
        rules,
      ),
      images: deltas.flatMap((delta) => delta.images ?? []),
      annotations: deltas.flatMap((delta) => delta.annotations ?? []),
    },
    finish: finishes[0]?.finish_reason,
    usage: usages[0]?.usage,
    error: chunks.find((chunk) => chunk?.error)?.error,
  }
}

const foldWhole = (raw: string, { must }: Rules) => {
  const body: any = parsed(raw)
  if (body.error) return { message: {} as any, error: body.error }
  must(body.object === 'chat.completion', 'the object is a chat.completion')
  must(typeof body.id === 'string' && Number.isInteger(body.created), 'it has id and created')
  const [choice] = body.choices ?? []
  must(choice?.message?.role === 'assistant', 'the message has the role')
  must(choice?.message && 'content' in choice.message, 'the message has content, or null')
  return { message: choice?.message ?? {}, finish: choice?.finish_reason, usage: body.usage }
}

const read = ({ status, headers, text: raw }: Raw, stream: boolean): Seen => {
  const rules = createRules()
  const folded: any = stream ? foldStream(raw, rules) : foldWhole(raw, rules)
  const { message, finish, usage, error } = folded
  const content = message.content ?? ''
  if (error)
    rules.must(typeof error.message === 'string' && error.code, 'errors have message, code')
  return {
    status,
    headers,
    raw,
    text: content,
    refusal: message.refusal ?? '',
    reasoning: message.reasoning ?? '',
    calls: (message.tool_calls ?? []).map((call: any) =>
      call.type === 'custom'
        ? { id: call.id, name: call.custom?.name, args: call.custom?.input, custom: true }
        : { id: call.id, name: call.function?.name, args: parsed(call.function?.arguments) },
    ),
    images: (message.images ?? []).map(({ image_url }: any) => toMedia(image_url.url)),
    finish,
    word: finish,
    usage: {
      input: usage?.prompt_tokens,
      output: usage?.completion_tokens,
      cached: usage?.prompt_tokens_details?.cached_tokens,
      cacheWrite: usage?.prompt_tokens_details?.cache_write_tokens,
      reasoning: usage?.completion_tokens_details?.reasoning_tokens,
    },
    citations: (message.annotations ?? []).map(({ url_citation: cited }: any) => ({
      url: cited?.url,
      title: cited?.title,
      ...(cited?.start_index !== undefined && {
        span: content.slice(cited.start_index, cited.end_index),
      }),
    })),
    ...(error && { error: { type: String(error.type), message: error.message } }),
    mistakes: rules.mistakes,
    replay: {
      role: 'assistant',
      content: content === '' ? null : content,
      ...(message.reasoning && { reasoning: message.reasoning }),
      ...(message.reasoning_details?.length > 0 && {
        reasoning_details: message.reasoning_details,
      }),
      ...(message.tool_calls?.length > 0 && { tool_calls: message.tool_calls }),
    },
  }
}

/** `POST /v1/chat/completions`, with OpenRouter's fields, as its clients use it. */
export const chat: Surface = {
  name: 'chat',
  write: (ask, { model, stream }) => ({
    path: '/v1/chat/completions',
    headers: { authorization: 'Bearer sk-client' },
    body: {
      model,
      ...write(ask),
      ...(stream && { stream }),
      ...(stream && !ask.quiet && { stream_options: { include_usage: true } }),
    },
  }),
  read,
  forget: ({ reasoning: _reasoning, reasoning_details: _details, ...message }) => message,
  errors: {
    limited: { status: [429], type: /^rate_limit_error$/ },
    context: { status: [400], type: /./ },
    overloaded: { status: [502, 503], type: /^upstream_error$/ },
  },
}
