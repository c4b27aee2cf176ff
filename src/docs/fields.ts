import type { JsonSchema } from './schemas.ts'

type Words = Readonly<Record<string, string>>

/** Words for request fields whose schema has none; a field means the same in nearly every request. */
const notes: Words = {
  stream: 'Whether to send the answer as server-sent events while it is made.',
  n: 'How many answers to give.',
  max_tokens: 'The most tokens to answer with.',
  max_completion_tokens: 'The most tokens to answer with, reasoning included.',
  max_output_tokens: 'The most tokens to answer with, reasoning included.',
  messages: 'The conversation so far, oldest first.',
  stream_options: 'The usage ends every stream, whether it is asked for here or not.',
  temperature: 'How freely the model chooses its words; 0 is the most predictable.',
  top_p: 'Only words within this share of the probability are chosen from.',
  stop: 'Texts at which the answer ends.',
  stop_sequences: 'Texts at which the answer ends.',
  tools: 'Functions that the model may ask to be called.',
  tool_choice: 'Whether the model may, must or must not use a tool, or which one it must.',
  response_format: 'The form of the answer: text, JSON, or JSON that follows a schema.',
  encoding_format: 'Vectors as numbers or as base64.',
  dimensions: 'How many numbers a vector has, for models that can choose.',
  query: 'What the documents are sorted by.',
  top_n: 'How many documents to answer with; all of them without it.',
  size: 'The size in pixels, such as `1024x1024`, or `auto`.',
  voice: 'One of the model’s voices.',
  speed: 'How fast to speak; 1 is usual.',
  instructions: 'How to speak.',
  input_audio: 'The sound.',
  language: 'The language that is spoken, as ISO 639-1 has it; otherwise the model finds out.',
  thinking: 'Whether and how much the model thinks first.',
  reasoning: 'How much the model thinks first, and what is shown of it.',
  text: 'The form of the answer: text, JSON, or JSON that follows a schema.',
  include: 'What the answer shows that it otherwise leaves out.',
  format: 'The form of the answer: `json`, or a schema that it follows.',
  options: 'Settings such as `temperature`, `num_predict`, `stop` and `seed`.',
  think: 'Whether, or how much, the model thinks first.',
  prompt: 'The text to answer.',
  system: 'The system prompt.',
  input: 'A text, or texts.',
}

const inLines = 'Whether to send the answer in lines while it is made; it is unless this is false.'

/** What speaks to the router, whatever the format. */
const routed: Words = {
  provider:
    'Which providers may answer and who is asked first: `order`, `only`, `ignore`, `sort`, `max_price` and the others of OpenRouter’s preferences.',
  preset: 'A preset of the configuration, laid under the request.',
  session_id:
    'What a conversation is known by, so that it returns to the provider that has it cached.',
  plugins:
    'What plugins are to do for this request: `[{"id": "web", "max_results": 3}]`, each with options of its own, or `"enabled": false`. The ids are OpenRouter’s (`web`, `web-fetch`, `file-parser`, `context-compression`, `response-healing`, `moderation`) and `cache`; what nobody here does is told in `x-sluice-warnings`.',
}

/** What speaks to plugins in a conversation, whatever the format. */
const conversing: Words = {
  ...routed,
  reasoning:
    'How much the model thinks first (`effort`, `max_tokens`, `enabled`), and whether its thoughts are shown (`exclude`).',
}

const chatting: Words = {
  ...conversing,
  tools:
    'Functions that the model may ask to be called, and tools that Sluice runs itself, for any model: `openrouter:web_search`, `openrouter:web_fetch`, `openrouter:datetime`.',
  web_search_options:
    'The web is searched before the model answers; `search_context_size`, `user_location`.',
  transforms: '`["middle-out"]`: the same as `plugins: [{"id": "context-compression"}]`.',
}

/** Where a field means something else, or passes unchecked and is understood all the same. */
const special: Readonly<Record<string, Words>> = {
  ChatCompletionRequest: chatting,
  CompletionRequest: routed,
  EmbeddingRequest: routed,
  ResponseRequest: conversing,
  MessageRequest: routed,
  ImageRequest: {
    prompt: 'What the image shows.',
    n: 'How many images to make.',
    response_format: 'The image in base64 or as the address of a file.',
  },
  TranscriptionRequest: {
    response_format: 'json, text, srt, vtt or verbose_json.',
  },
  TranscriptionForm: {
    prompt: 'Words that help to understand the sound.',
    response_format: 'How the text is written down.',
  },
  GeminiRequest: {
    ...routed,
    models: 'Models to try after that of the address, in order.',
    systemInstruction: 'The system prompt.',
    generationConfig: 'Settings such as `temperature`, `maxOutputTokens` and `thinkingConfig`.',
    tools: 'Functions that the model may ask to be called.',
    toolConfig: 'Whether the model may, must or must not call functions.',
  },
  GeminiCountRequest: {
    generateContentRequest: 'Instead of `contents`, all that would be sent to be answered.',
  },
  GeminiEmbedRequest: {
    content: 'The text of `embedContent`.',
    requests: 'The texts of `batchEmbedContents`.',
    outputDimensionality: 'How many numbers a vector has, for models that can choose.',
  },
  OllamaChatRequest: { stream: inLines },
  OllamaGenerateRequest: { stream: inLines, images: 'Images in base64.' },
  OllamaEmbeddingRequest: { prompt: 'The text.' },
}

const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null

/** A field that may be null has its words inside, where nobody looks for them. */
const wordsWithin = ({ anyOf }: JsonSchema): string | undefined => {
  const words = (Array.isArray(anyOf) ? anyOf : []).map((one: unknown) =>
    isSchema(one) ? one.description : undefined,
  )
  return words.find((text): text is string => typeof text === 'string')
}

const described = (property: JsonSchema, own?: string, usual?: string): JsonSchema => {
  const description = own ?? property.description ?? wordsWithin(property) ?? usual
  return description === undefined ? property : { ...property, description }
}

/** A request’s schema in words: what each field does, and that others pass. */
export const withFieldNotes = (request: string, schema: JsonSchema): JsonSchema => {
  const own = special[request] ?? {}
  const properties: Readonly<Record<string, JsonSchema>> = {
    ...(schema.properties as Record<string, JsonSchema>),
  }
  const unchecked = Object.keys(own).filter((name) => !Object.hasOwn(properties, name))
  const all = [...Object.entries(properties), ...unchecked.map((name) => [name, {}] as const)]
  return {
    description:
      'What the gateway itself reads. All other fields pass to the providers that understand them.',
    ...schema,
    additionalProperties: true,
    properties: Object.fromEntries(
      all.map(([name, property]) => [name, described(property, own[name], notes[name])]),
    ),
  }
}
