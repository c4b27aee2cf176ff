import { chatCompletions } from '../surfaces/chat-completions.ts'
import { completions } from '../surfaces/completions.ts'
import { embeddings } from '../surfaces/embeddings.ts'
import { images } from '../surfaces/images.ts'
import { countTokens, messages } from '../surfaces/messages.ts'
import { moderations } from '../surfaces/moderations.ts'
import { ollamaEmbed, ollamaEmbeddings } from '../surfaces/ollama/embeddings.ts'
import { ollamaChat, ollamaGenerate } from '../surfaces/ollama.ts'
import { rerank } from '../surfaces/rerank.ts'
import { responses, responsesTokens } from '../surfaces/responses.ts'
import { speech } from '../surfaces/speech.ts'
import type { Surface } from '../surfaces/surface.ts'
import { transcriptions } from '../surfaces/transcriptions.ts'

/** What is posted to below `/v1` and `/api/v1`. */
export const versioned: Readonly<Record<string, Surface>> = {
  '/chat/completions': chatCompletions,
  '/completions': completions,
  '/messages': messages,
  '/messages/count_tokens': countTokens,
  '/responses': responses,
  '/responses/input_tokens': responsesTokens,
  '/embeddings': embeddings,
  '/rerank': rerank,
  '/moderations': moderations,
  '/images/generations': images,
  '/images': images,
  '/audio/speech': speech,
  '/audio/transcriptions': transcriptions,
}

/** What Ollama's clients post. */
export const ollama: Readonly<Record<string, Surface>> = {
  '/api/chat': ollamaChat,
  '/api/generate': ollamaGenerate,
  '/api/embed': ollamaEmbed,
  '/api/embeddings': ollamaEmbeddings,
}
