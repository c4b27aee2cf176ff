import { statSync } from 'node:fs'
import { v } from 'sluice/plugin'
import type { Hit } from './hit.ts'

/** What a recogniser's module exports by default: what it finds in each of the texts, in their order. */
export type Recogniser = (
  texts: readonly string[],
  signal: AbortSignal,
) => Promise<readonly (readonly Hit[])[]>

const offset = v.pipe(v.number(), v.integer(), v.minValue(0))
const answer = v.array(v.array(v.object({ kind: v.string(), start: offset, end: offset })))

const load = async (file: string): Promise<unknown> => {
  // the version makes Bun read an edited file anew
  const module: { default?: unknown } = await import(`${file}?v=${statSync(file).mtimeMs}`)
  return module.default
}

/** The recogniser in a user's module, its results checked. Throws where the module has none. */
export const loadRecogniser = async (
  file: string,
  kinds: ReadonlySet<string>,
): Promise<Recogniser> => {
  const recognise = await load(file).catch((cause: unknown) => {
    throw new Error('the recogniser’s module cannot be loaded', { cause })
  })
  if (typeof recognise !== 'function')
    throw new Error('the recogniser’s module has no function as its default export')
  return async (texts, signal) => {
    const found = v.parse(answer, await recognise(texts, signal))
    if (found.length !== texts.length)
      throw new Error('recogniser: expected one list for each text')
    return found.map((hits, at) => {
      const length = texts[at]?.length ?? 0
      if (hits.some(({ start, end }) => start >= end || end > length))
        throw new Error('recogniser: a find lies outside of the text')
      return hits
        .filter(({ kind }) => kinds.has(kind))
        .sort((one, other) => one.start - other.start)
    })
  }
}
