import { anthropic } from './operations/anthropic.ts'
import { catalog } from './operations/catalog.ts'
import { daemon } from './operations/daemon.ts'
import { geminiCalls, geminiModels } from './operations/gemini.ts'
import { ledger } from './operations/ledger.ts'
import { media } from './operations/media.ts'
import type { Family, OperationNotes, Place } from './operations/notes.ts'
import { ollama } from './operations/ollama.ts'
import { openAI } from './operations/openai.ts'
import { responses } from './operations/responses.ts'

const families: readonly Family[] = [
  openAI,
  catalog,
  responses,
  media,
  anthropic,
  geminiCalls,
  geminiModels,
  ollama,
  ledger,
  daemon,
]

/** What is known of an operation, and of where it is. */
export interface Found {
  readonly notes: OperationNotes
  readonly place: Place
}

/** All operations at a path, by what follows it: mostly nothing; behind a star, a method or the rest of a path. */
export const findOperations = (method: string, path: string): ReadonlyMap<string, Found> => {
  const found = new Map<string, Found>()
  for (const { places, operations } of families)
    for (const [prefix, place] of Object.entries(places)) {
      if (!path.startsWith(`${prefix}/`)) continue
      const key = `${method} ${path.slice(prefix.length)}`
      for (const [known, notes] of Object.entries(operations))
        if (known === key || (key.endsWith('*') && known.startsWith(key)))
          found.set(known.slice(key.length), { notes, place })
    }
  return found
}
