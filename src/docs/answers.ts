import { anthropic } from './answers/anthropic.ts'
import { catalog } from './answers/catalog.ts'
import { daemon } from './answers/daemon.ts'
import { errors } from './answers/errors.ts'
import { explanations } from './answers/explanation.ts'
import { gemini } from './answers/gemini.ts'
import { ledger } from './answers/ledger.ts'
import { media } from './answers/media.ts'
import { ollama } from './answers/ollama.ts'
import { openAI } from './answers/openai.ts'
import { queues } from './answers/queues.ts'
import { routing } from './answers/routing.ts'
import { responses } from './answers/responses.ts'

/** What is answered, by the name in `components.schemas`. Providers may add fields nearly everywhere. */
export const answers = {
  ...openAI,
  ...catalog,
  ...media,
  ...responses,
  ...anthropic,
  ...gemini,
  ...ollama,
  ...ledger,
  ...routing,
  ...daemon,
  ...queues,
  ...explanations,
  ...errors,
} as const
