import {
  parsed,
  type Ask,
  type Media,
  type Raw,
  type Seen,
  type Surface,
  type Turn,
} from '../ask.ts'
import { createRules, linesIn, type Rules } from '../wire.ts'

const imagesOf = (media: readonly Media[] | undefined) =>
  media && { images: media.map((one) => ('url' in one ? one.url : one.base64)) }

const messagesOf = (turn: Turn): object[] => {
  if (turn.role === 'seen') return [turn.seen.replay]
  if (turn.role === 'instruction') return [{ role: 'system', content: turn.text }]
  if (turn.role === 'said') return [{ role: 'assistant', content: turn.text }]
  if (turn.role === 'results')
    return turn.results.map(({ call, text, image }) => ({
      role: 'tool',
      tool_name: call.name,
      content: text,
      ...imagesOf(image && [image]),
    }))
  return [{ role: 'user', content: turn.text, ...imagesOf(turn.images) }]
}

const write = (ask: Ask): object => {
  const options = {
    ...(ask.maxTokens && { num_predict: ask.maxTokens }),
    ...(ask.temperature !== undefined && { temperature: ask.temperature }),
    ...(ask.topP !== undefined && { top_p: ask.topP }),
    ...(ask.stop && { stop: ask.stop }),
  }
  return {
    messages: [
      ...(ask.system === undefined ? [] : [{ role: 'system', content: ask.system }]),
      ...ask.turns.flatMap(messagesOf),
    ],
    ...(ask.tools && {
      tools: ask.tools.map(({ name, description, schema }) => ({
        type: 'function',
        function: { name, description, parameters: schema },
      })),
    }),
    ...(ask.json && { format: 'json' }),
    ...(ask.schema && { format: ask.schema }),
    ...(ask.thinking && { think: true }),
    ...(Object.keys(options).length > 0 && { options }),
  }
}

const checkLine = (line: any, { must }: Rules) => {
  must(typeof line?.model === 'string' && line.created_at, 'every line has model and created_at')
  must(line?.message?.role === 'assistant', 'every line has a message of the assistant')
  must(typeof line?.message?.content === 'string', 'every message has content')
  must(typeof line?.done === 'boolean', 'every line says whether it is done')
}

const fold = (lines: readonly any[], rules: Rules) => {
  const { must } = rules
  const failed = lines.findIndex((line) => line?.error !== undefined)
  must(failed < 0 || failed === lines.length - 1, 'nothing comes after an error')
  const said = failed < 0 ? lines : lines.slice(0, failed)
  for (const line of said) checkLine(line, rules)
  const done = said.findIndex((line) => line?.done === true)
  const last = done < 0 ? {} : said[done]
  if (failed < 0) {
    must(done === said.length - 1, 'the last line, and only that, is done')
    must(typeof last.done_reason === 'string', 'the last line has a done_reason')
    must(Number.isInteger(last.total_duration), 'the last line has durations')
  } else must(done < 0, 'a failed answer is not done')
  return {
    last,
    error: lines[failed]?.error,
    messages: said.map((line) => line?.message ?? {}),
  }
}

const read = ({ status, headers, text: raw }: Raw, stream: boolean): Seen => {
  const rules = createRules()
  const lines = stream ? linesIn(raw) : [parsed(raw)]
  const { last, error, messages } = fold(lines, rules)
  if (stream)
    rules.must(
      headers.get('content-type')?.startsWith('application/x-ndjson'),
      'a stream is application/x-ndjson',
    )
  const join = (field: string) => messages.map((message) => message[field] ?? '').join('')
  const tool_calls = messages.flatMap((message) => message.tool_calls ?? [])
  for (const call of tool_calls)
    rules.must(typeof call.function?.arguments === 'object', 'arguments are an object')
  const text = join('content')
  const thinking = join('thinking')
  const stopped = last.done_reason === 'stop' && tool_calls.length > 0
  if (error !== undefined) rules.must(typeof error === 'string', 'an error is a string')
  return {
    status,
    headers,
    raw,
    text,
    refusal: text,
    reasoning: thinking,
    calls: tool_calls.map(({ id, function: { name, arguments: args } }: any) => ({
      id,
      name,
      args,
    })),
    images: [],
    finish: stopped ? 'tool_calls' : last.done_reason,
    word: last.done_reason,
    usage: { input: last.prompt_eval_count, output: last.eval_count },
    citations: [],
    ...(error !== undefined && { error: { type: 'error', message: error } }),
    mistakes: rules.mistakes,
    replay: {
      role: 'assistant',
      content: text,
      ...(thinking !== '' && { thinking }),
      ...(tool_calls.length > 0 && { tool_calls }),
    },
  }
}

/** `POST /api/chat` */
export const ollama: Surface = {
  name: 'ollama',
  write: (ask, { model, stream }) => ({
    path: '/api/chat',
    headers: {},
    // streams are the format’s usual
    body: { model, ...write(ask), ...(!stream && { stream }) },
  }),
  read,
  forget: ({ thinking: _thinking, ...message }) => message,
  errors: {
    limited: { status: [429], type: /./ },
    context: { status: [400], type: /./ },
    overloaded: { status: [502, 503], type: /./ },
  },
}
