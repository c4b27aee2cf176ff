import { chatCompletions } from '../surfaces/chat-completions.ts'
import { completions } from '../surfaces/completions.ts'
import { embeddings } from '../surfaces/embeddings.ts'
import type { Surface } from '../surfaces/surface.ts'

/** What is posted to below `/v1` and `/api/v1`. */
export const versioned: Readonly<Record<string, Surface>> = {
  '/chat/completions': chatCompletions,
  '/completions': completions,
  '/embeddings': embeddings,
}
