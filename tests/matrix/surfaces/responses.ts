import {
  dataUrl,
  parsed,
  type Ask,
  type Document,
  type Media,
  type Raw,
  type Seen,
  type SeenCall,
  type Surface,
  type Turn,
} from '../ask.ts'
import { createRules, eventsIn, type Rules } from '../wire.ts'

const marked = { prompt_cache_breakpoint: { mode: 'explicit' } }

const image = (media: Media) => ({
  type: 'input_image',
  detail: 'auto',
  image_url: 'url' in media ? media.url : dataUrl(media),
})
const file = ({ media, filename }: Document) => ({
  type: 'input_file',
  ...('url' in media ? { file_url: media.url } : { filename, file_data: dataUrl(media) }),
})
const text = (words: string, mark = false) => ({
  type: 'input_text',
  text: words,
  ...(mark && marked),
})

const itemsOf = (turn: Turn, mark: boolean): object[] => {
  if (turn.role === 'seen') return turn.seen.replay
  if (turn.role === 'said') return [{ role: 'assistant', content: turn.text }]
  if (turn.role === 'instruction')
    return [{ type: 'message', role: 'developer', content: [text(turn.text)] }]
  if (turn.role === 'results')
    return turn.results.map(({ call, text: words, image: shown }) => ({
      type: call.custom ? 'custom_tool_call_output' : 'function_call_output',
      call_id: call.id,
      output: shown ? [text(words), image(shown)] : words,
    }))
  const media = [...(turn.images ?? []).map(image), ...(turn.files ?? []).map(file)]
  const content = [...media, text(turn.text, mark)]
  return [{ type: 'message', role: 'user', content }]
}

const toolsOf = ({ tools = [], custom, hosted }: Ask): object[] => [
  ...tools.map(({ name, description, schema }) => ({
    type: 'function',
    name,
    description,
    parameters: schema,
    strict: false,
  })),
  ...(custom ? [{ type: 'custom', ...custom }] : []),
  ...(hosted ? [{ type: 'web_search' }] : []),
]

const write = (ask: Ask): object => ({
  ...(ask.system !== undefined && !ask.cached && { instructions: ask.system }),
  input: [
    ...(ask.system !== undefined && ask.cached
      ? [{ type: 'message', role: 'developer', content: [text(ask.system, true)] }]
      : []),
    ...ask.turns.flatMap((turn, at) => itemsOf(turn, at === 0 && ask.cached === true)),
  ],
  store: false,
  ...((ask.tools ?? ask.custom) && { tools: toolsOf(ask) }),
  ...(ask.choice && {
    tool_choice:
      typeof ask.choice === 'string' ? ask.choice : { type: 'function', name: ask.choice.name },
  }),
  ...(ask.parallel === false && { parallel_tool_calls: false }),
  ...(ask.schema && {
    text: { format: { type: 'json_schema', name: 'city', strict: true, schema: ask.schema } },
  }),
  ...(ask.json && { text: { format: { type: 'json_object' } } }),
  ...(ask.maxTokens && { max_output_tokens: ask.maxTokens }),
  ...(ask.temperature !== undefined && { temperature: ask.temperature }),
  ...(ask.topP !== undefined && { top_p: ask.topP }),
  ...(ask.thinking && {
    reasoning: { effort: 'medium', summary: 'auto' },
    include: ['reasoning.encrypted_content'],
  }),
  ...(ask.cacheKey && { prompt_cache_key: ask.cacheKey }),
})

/** What a `done` must repeat, by its `delta`. */
const repeated: Readonly<Record<string, string>> = {
  'response.output_text': 'text',
  'response.refusal': 'refusal',
  'response.reasoning_summary_text': 'text',
  'response.reasoning_text': 'text',
  'response.function_call_arguments': 'arguments',
  'response.custom_tool_call_input': 'input',
}

const ends = ['response.completed', 'response.incomplete', 'response.failed']

interface Item {
  readonly id: string
  readonly type: string
  open: boolean
  done?: any
  /** By part. */
  readonly texts: Map<string, string>
  readonly parts: Set<string>
}

const keyOf = (json: any): string => `${json.content_index ?? ''}/${json.summary_index ?? ''}`

const foldStream = (raw: string, { must }: Rules) => {
  const items: Item[] = []
  let last: any
  eventsIn(raw).forEach(({ event, json }, at) => {
    const type: string = json?.type ?? ''
    must(event === type, `the event ${event} has its type in its data`)
    must(json?.sequence_number === at, `event ${at} has the number ${json?.sequence_number}`)
    must(last === undefined, `nothing comes after the end, such as ${type}`)
    if (at === 0) must(type === 'response.created', `response.created is first, not ${type}`)
    if (at === 1) must(type === 'response.in_progress', `response.in_progress follows, not ${type}`)
    if (type === 'response.created' || type === 'response.in_progress') {
      must(json.response?.status === 'in_progress', `${type} is in progress`)
      must(json.response?.object === 'response', `${type} has a response`)
    }
    if (ends.includes(type)) {
      last = json.response
      return
    }
    if (type === 'error') {
      last = { status: 'failed', error: json, output: [] }
      must(false, 'a failed answer ends with response.failed')
      return
    }
    if (json?.output_index === undefined) return
    if (type === 'response.output_item.added') {
      must(
        json.output_index === items.length,
        `item ${json.output_index} is number ${items.length}`,
      )
      const { id, type: kind } = json.item ?? {}
      items.push({ id, type: kind, open: true, texts: new Map(), parts: new Set() })
      return
    }
    const item = items[json.output_index]
    must(item !== undefined, `item ${json.output_index} was added before ${type}`)
    if (!item) return
    must(item.open, `${type} comes before its item is done`)
    if (type === 'response.output_item.done') {
      item.open = false
      item.done = json.item
      must(json.item?.id === item.id, 'an item keeps its id')
      return
    }
    must(json.item_id === item.id, `${type} names its item`)
    const key = keyOf(json)
    if (type.endsWith('part.added')) item.parts.add(key)
    const stem = type.replace(/\.(delta|done)$/, '')
    const field = repeated[stem]
    if (!field) return
    if (key !== '/') must(item.parts.has(key), `${type} comes after its part was added`)
    const soFar = item.texts.get(key) ?? ''
    if (type.endsWith('.delta')) item.texts.set(key, soFar + json.delta)
    else must(json[field] === soFar, `${type} repeats the deltas`)
  })
  must(last !== undefined, 'a stream ends with response.completed, .incomplete or .failed')
  if (last?.status !== 'failed') {
    must(
      items.every(({ open }) => !open),
      'every item is done at the end',
    )
    must(
      Bun.deepEquals(
        last?.output,
        items.map(({ done }) => done),
      ),
      'the response at the end has the items that were done',
    )
  }
  return { ...last, heard: items }
}

const required = [
  'id',
  'created_at',
  'model',
  'output',
  'parallel_tool_calls',
  'tool_choice',
  'tools',
  'error',
  'incomplete_details',
  'instructions',
  'metadata',
  'temperature',
  'top_p',
]

const checkResponse = (body: any, { must }: Rules) => {
  must(body.object === 'response', 'the object is a response')
  for (const field of required) must(field in body, `a response has ${field}`)
  for (const item of body.output ?? []) {
    must(item.type && item.id, 'every item has a type and an id')
    for (const part of item.type === 'message' ? item.content : [])
      if (part.type === 'output_text')
        must(Array.isArray(part.annotations), 'every text has annotations')
  }
  if (body.status === 'completed' || body.status === 'incomplete') {
    must(
      Number.isInteger(body.usage?.input_tokens_details?.cached_tokens),
      'usage has cached_tokens',
    )
    must(
      Number.isInteger(body.usage?.output_tokens_details?.reasoning_tokens),
      'usage has reasoning_tokens',
    )
  }
}

const finishOf = (body: any, calls: number): string | undefined => {
  if (body.status === 'incomplete')
    return body.incomplete_details?.reason === 'max_output_tokens' ? 'length' : 'content_filter'
  if (body.status !== 'completed') return undefined
  return calls > 0 ? 'tool_calls' : 'stop'
}

const textsHeard = (heard: readonly Item[]): string =>
  heard
    .filter(({ type }) => type === 'message')
    .flatMap(({ texts }) => [...texts.values()])
    .join('')

const read = ({ status, headers, text: raw }: Raw, stream: boolean): Seen => {
  const rules = createRules()
  const body: any = stream ? foldStream(raw, rules) : parsed(raw)
  if (status === 200) checkResponse(body, rules)
  const output: any[] = body.output ?? []
  const of = (type: string) => output.filter((item) => item.type === type)
  const parts = of('message').flatMap((item) => item.content ?? [])
  const calls = output.flatMap(({ type, call_id: id, name, ...item }): SeenCall[] => {
    if (type === 'custom_tool_call') return [{ id, name, args: item.input, custom: true }]
    return type === 'function_call' ? [{ id, name, args: parsed(item.arguments) }] : []
  })
  const { usage, error } = body
  return {
    status,
    headers,
    raw,
    text:
      error && stream
        ? textsHeard(body.heard ?? [])
        : parts.map((part) => part.text ?? '').join(''),
    refusal: parts.map((part) => part.refusal ?? '').join(''),
    reasoning: of('reasoning')
      .flatMap((item) => [...(item.summary ?? []), ...(item.content ?? [])])
      .map((part) => part.text)
      .join(''),
    calls,
    images: of('image_generation_call').map(({ result }) => ({
      base64: result,
      mime: 'image/png',
    })),
    finish: finishOf(body, calls.length),
    word: body.incomplete_details?.reason ?? body.status,
    usage: {
      input: usage?.input_tokens,
      output: usage?.output_tokens,
      cached: usage?.input_tokens_details?.cached_tokens,
      cacheWrite: usage?.input_tokens_details?.cache_write_tokens,
      reasoning: usage?.output_tokens_details?.reasoning_tokens,
    },
    citations: parts.flatMap((part) =>
      (part.annotations ?? []).map(({ url, title, start_index, end_index }: any) => ({
        url,
        title,
        span: part.text.slice(start_index, end_index),
      })),
    ),
    ...(error && { error: { type: String(error.type ?? error.code), message: error.message } }),
    mistakes: rules.mistakes,
    replay: output,
  }
}

/** `POST /v1/responses`, without a store, as Codex uses it. */
export const responses: Surface = {
  name: 'responses',
  write: (ask, { model, stream }) => ({
    path: '/v1/responses',
    headers: { authorization: 'Bearer sk-client' },
    body: { model, ...write(ask), ...(stream && { stream }) },
  }),
  read,
  forget: (items) => items.filter(({ type }: any) => type !== 'reasoning'),
  errors: {
    limited: { status: [429], type: /^rate_limit_error$/ },
    context: { status: [400], type: /./ },
    overloaded: { status: [502, 503], type: /^upstream_error$/ },
  },
}
