import { brave } from './engines/brave.ts'
import { exa } from './engines/exa.ts'
import { firecrawl } from './engines/firecrawl.ts'
import { jina } from './engines/jina.ts'
import { linkup } from './engines/linkup.ts'
import { perplexity } from './engines/perplexity.ts'
import { searxng } from './engines/searxng.ts'
import { serper } from './engines/serper.ts'
import { tavily } from './engines/tavily.ts'
import type { Engine } from './engine.ts'

/** Engines by their names in the YAML, in the order in which `auto` looks for one with a key. */
export const engines = {
  searxng,
  exa,
  tavily,
  brave,
  perplexity,
  firecrawl,
  linkup,
  serper,
  jina,
} satisfies Readonly<Record<string, Engine>>

export type EngineName = keyof typeof engines

export const engineNames = Object.keys(engines) as EngineName[]
