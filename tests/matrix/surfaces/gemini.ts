import {
  parsed,
  type Ask,
  type Cited,
  type Document,
  type Media,
  type Raw,
  type Seen,
  type Surface,
  type Turn,
} from '../ask.ts'
import { createRules, eventsIn, type Rules } from '../wire.ts'

const image = (media: Media) =>
  'url' in media
    ? { fileData: { fileUri: media.url, mimeType: media.mime ?? 'image/png' } }
    : { inlineData: { mimeType: media.mime, data: media.base64 } }

const file = ({ media }: Document) =>
  'url' in media
    ? { fileData: { fileUri: media.url, mimeType: media.mime ?? 'application/pdf' } }
    : image(media)

const contentOf = (turn: Turn): object => {
  if (turn.role === 'seen') return turn.seen.replay
  if (turn.role === 'instruction') throw new Error('Gemini has no instructions in the middle')
  if (turn.role === 'said') return { role: 'model', parts: [{ text: turn.text }] }
  if (turn.role === 'results')
    return {
      role: 'user',
      parts: turn.results.map(({ call: { id, name }, text, image: shown }) => ({
        functionResponse: {
          ...(id !== undefined && { id }),
          name,
          response: { output: text },
          ...(shown && { parts: [image(shown)] }),
        },
      })),
    }
  const media = [
    ...(turn.images ?? []).map(image),
    ...(turn.files ?? []).map(file),
    ...(turn.sound ? [{ inlineData: { mimeType: 'audio/wav', data: turn.sound.base64 } }] : []),
  ]
  return { role: 'user', parts: [...media, { text: turn.text }] }
}

const modeOf = (choice: NonNullable<Ask['choice']>) => {
  if (choice === 'none') return { mode: 'NONE' }
  if (choice === 'required') return { mode: 'ANY' }
  return { mode: 'ANY', allowedFunctionNames: [choice.name] }
}

const write = (ask: Ask): object => {
  const generationConfig = {
    ...(ask.maxTokens && { maxOutputTokens: ask.maxTokens }),
    ...(ask.temperature !== undefined && { temperature: ask.temperature }),
    ...(ask.topP !== undefined && { topP: ask.topP }),
    ...(ask.stop && { stopSequences: ask.stop }),
    ...(ask.json && { responseMimeType: 'application/json' }),
    ...(ask.schema && {
      responseMimeType: 'application/json',
      responseJsonSchema: ask.schema,
    }),
    ...(ask.thinking && { thinkingConfig: { includeThoughts: true, thinkingBudget: 4096 } }),
  }
  return {
    ...(ask.system !== undefined && {
      systemInstruction: { role: 'user', parts: [{ text: ask.system }] },
    }),
    contents: ask.turns.map(contentOf),
    ...(ask.tools && {
      tools: [
        {
          functionDeclarations: ask.tools.map(({ name, description, schema }) => ({
            name,
            description,
            parametersJsonSchema: schema,
          })),
        },
        ...(ask.hosted ? [{ googleSearch: {} }] : []),
      ],
    }),
    ...(ask.choice && { toolConfig: { functionCallingConfig: modeOf(ask.choice) } }),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
  }
}

const foldStream = (raw: string, { must }: Rules) => {
  const chunks = eventsIn(raw).map(({ event, data, json }) => {
    must(event === undefined, `no event has a name, such as ${event}`)
    must(typeof json === 'object', `every event is JSON, not ${data.slice(0, 40)}`)
    return json ?? {}
  })
  const failed = chunks.findIndex((chunk) => chunk.error)
  must(failed < 0 || failed === chunks.length - 1, 'nothing comes after an error')
  const candidates = chunks.flatMap((chunk) => chunk.candidates ?? [])
  const finishes = candidates.filter((candidate) => candidate.finishReason)
  if (failed < 0) {
    must(finishes.length === 1, `one finishReason, not ${finishes.length}`)
    must(chunks.at(-1)?.usageMetadata, 'the last chunk has usageMetadata')
    must(
      chunks.every((chunk) => chunk.candidates || chunk.usageMetadata || chunk.promptFeedback),
      'every chunk has candidates or usage',
    )
  }
  return {
    ...chunks.at(-1),
    error: chunks[failed]?.error,
    usageMetadata: chunks.findLast((chunk) => chunk.usageMetadata)?.usageMetadata,
    candidates: [
      {
        ...Object.assign({}, ...candidates),
        content: {
          role: 'model',
          parts: candidates.flatMap((candidate) => candidate.content?.parts ?? []),
        },
      },
    ],
  }
}

const filtered = ['SAFETY', 'PROHIBITED_CONTENT', 'BLOCKLIST', 'SPII', 'RECITATION']

const finishOf = (word: string | undefined, calls: number): string | undefined => {
  if (word === 'STOP') return calls > 0 ? 'tool_calls' : 'stop'
  if (word === 'MAX_TOKENS') return 'length'
  return word !== undefined && filtered.includes(word) ? 'content_filter' : word
}

/** The sources in order of the text that they support; those that support none come last. */
const citationsOf = (grounding: any, text: string, { must }: Rules): Cited[] => {
  const bytes = Buffer.from(text)
  const chunks: any[] = grounding?.groundingChunks ?? []
  const supports: any[] = grounding?.groundingSupports ?? []
  return chunks.map(({ web }, at) => {
    const support = supports.find((one) => one.groundingChunkIndices?.includes(at))
    const { startIndex = 0, endIndex, text: span } = support?.segment ?? {}
    if (span !== undefined)
      must(
        bytes.subarray(startIndex, endIndex).toString() === span,
        'offsets of a segment are bytes of its text',
      )
    return { url: web?.uri, title: web?.title, ...(span !== undefined && { span }) }
  })
}

const read = ({ status, headers, text: raw }: Raw, stream: boolean): Seen => {
  const rules = createRules()
  const body: any = stream ? foldStream(raw, rules) : parsed(raw)
  const { error, usageMetadata: usage } = body
  const [candidate] = body.candidates ?? []
  const parts: any[] = candidate?.content?.parts ?? []
  if (error) {
    rules.must(Number.isInteger(error.code), 'an error has an integer code')
    rules.must(typeof error.message === 'string' && error.status, 'it has message and status')
  } else {
    rules.must(candidate?.content?.role === 'model', 'the content has the role model')
    rules.must(candidate?.finishReason, 'the candidate has a finishReason')
    rules.must(usage, 'there is usageMetadata')
    rules.must(body.responseId && body.modelVersion, 'there are responseId and modelVersion')
  }
  for (const part of parts)
    if (part.functionCall)
      rules.must(typeof part.functionCall.args === 'object', 'arguments are an object')
  const texts = (thought: boolean) =>
    parts
      .filter((part) => typeof part.text === 'string' && (part.thought === true) === thought)
      .map((part) => part.text)
      .join('')
  const calls = parts
    .filter((part) => part.functionCall)
    .map(({ functionCall: { id, name, args } }) => ({ id, name, args }))
  const text = texts(false)
  return {
    status,
    headers,
    raw,
    text,
    refusal: text,
    reasoning: texts(true),
    calls,
    images: parts
      .filter((part) => part.inlineData)
      .map(({ inlineData: { data, mimeType } }) => ({ base64: data, mime: mimeType })),
    finish: finishOf(candidate?.finishReason, calls.length),
    word: candidate?.finishReason,
    usage: {
      input: usage?.promptTokenCount,
      ...(usage && { output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0) }),
      cached: usage?.cachedContentTokenCount,
      reasoning: usage?.thoughtsTokenCount,
    },
    citations: citationsOf(candidate?.groundingMetadata, text, rules),
    ...(error && { error: { type: String(error.status), message: error.message } }),
    mistakes: rules.mistakes,
    replay: {
      role: 'model',
      parts: parts.filter((part) => part.text !== '' || Object.keys(part).length > 1),
    },
  }
}

/** `POST /v1beta/models/{model}:generateContent` and `:streamGenerateContent` */
export const gemini: Surface = {
  name: 'gemini',
  write: (ask, { model, stream }) => ({
    path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    headers: { 'x-goog-api-key': 'sk-client' },
    body: write(ask),
  }),
  read,
  forget: ({ parts, ...content }) => ({
    ...content,
    parts: parts
      .filter(({ thought }: any) => !thought)
      .map(({ thoughtSignature: _signature, ...part }: any) => part)
      .filter(({ text }: any) => text !== ''),
  }),
  errors: {
    limited: { status: [429], type: /^RESOURCE_EXHAUSTED$/ },
    context: { status: [400], type: /^INVALID_ARGUMENT$/ },
    overloaded: { status: [502, 503], type: /^(UNAVAILABLE|INTERNAL)$/ },
  },
}
