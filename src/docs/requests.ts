import * as v from 'valibot'
import { chatCompletions, routed } from '../surfaces/chat-completions.ts'
import { completions } from '../surfaces/completions.ts'
import { embeddings } from '../surfaces/embeddings.ts'
import { content, geminiChat, geminiCount, geminiEmbeddings } from '../surfaces/gemini.ts'
import { images } from '../surfaces/images.ts'
import { countable } from '../surfaces/messages/request.ts'
import { countTokens, messages } from '../surfaces/messages.ts'
import { moderations } from '../surfaces/moderations.ts'
import { ollamaEmbed, ollamaEmbeddings } from '../surfaces/ollama/embeddings.ts'
import { name } from '../surfaces/ollama/request.ts'
import { ollamaChat, ollamaGenerate } from '../surfaces/ollama.ts'
import { rerank } from '../surfaces/rerank.ts'
import { responses, responsesTokens } from '../surfaces/responses.ts'
import { speech } from '../surfaces/speech.ts'
import { transcriptions } from '../surfaces/transcriptions.ts'

/** A form has no schema of its own: its fields are texts. */
const transcriptionForm = v.looseObject({
  file: v.pipe(v.file(), v.description('The sound: wav, mp3, m4a, flac, ogg or webm.')),
  model: routed.model,
  language: v.optional(v.pipe(v.string(), v.examples(['en']))),
  prompt: v.optional(v.pipe(v.string(), v.examples(['Sluice, a gateway.']))),
  response_format: v.optional(v.picklist(['json', 'text', 'srt', 'vtt', 'verbose_json'])),
  temperature: v.optional(v.pipe(v.number(), v.examples([0]))),
  stream: v.optional(v.pipe(v.boolean(), v.examples([false]))),
})

/** What can be sent, by the name in `components.schemas`. */
export const requests = {
  ChatCompletionRequest: chatCompletions.request,
  CompletionRequest: completions.request,
  EmbeddingRequest: embeddings.request,
  RerankRequest: rerank.request,
  ModerationRequest: moderations.request,
  ImageRequest: images.request,
  SpeechRequest: speech.request,
  TranscriptionRequest: transcriptions.request,
  TranscriptionForm: transcriptionForm,
  ResponseRequest: responses.request,
  ResponseCountRequest: responsesTokens.request,
  MessageRequest: messages.request,
  MessageCountRequest: countTokens.request,
  GeminiRequest: geminiChat.request,
  GeminiCountRequest: geminiCount.request,
  GeminiEmbedRequest: geminiEmbeddings.request,
  OllamaChatRequest: ollamaChat.request,
  OllamaGenerateRequest: ollamaGenerate.request,
  OllamaEmbedRequest: ollamaEmbed.request,
  OllamaEmbeddingRequest: ollamaEmbeddings.request,
  OllamaShowRequest: v.looseObject({ model: name }),
} as const

/** What several of them contain. */
export const parts = {
  ModelName: routed.model,
  SpareModels: routed.models,
  AnthropicTurn: countable.entries.messages.item,
  GeminiTurn: content,
} as const
