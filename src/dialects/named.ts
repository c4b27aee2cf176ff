import type { Call } from '../chat.ts'
import { createToolNames, type NameRule } from '../formats/tool-names.ts'
import type { Batch } from '../stream.ts'
import { isAlike, type Decoded, type Dialect } from './dialect.ts'

/** What each vendor takes as a tool's name, by its own documentation. */
export const nameRules = {
  openai: { refused: /[^a-zA-Z0-9_-]/gu, longest: 64 },
  anthropic: { refused: /[^a-zA-Z0-9_-]/gu, longest: 128 },
  gemini: { refused: /[^a-zA-Z0-9_.:-]|^[^a-zA-Z_]/gu, longest: 64 },
} satisfies Record<string, NameRule>

const namesFor = (call: Call, dialect: Dialect, rule: NameRule) => {
  if (call.source === undefined || isAlike(call, dialect.format)) return undefined
  const names = createToolNames(call.request, rule)
  const request = names.replace(call.request)
  return request === call.request ? undefined : { call: { ...call, request }, ...names }
}

/** The dialect, which takes tools of any name from clients of other formats and answers by their own names. */
export const withToolNames = (dialect: Dialect, rule: NameRule): Dialect => ({
  ...dialect,
  encode: (call, ...rest) => dialect.encode(namesFor(call, dialect, rule)?.call ?? call, ...rest),
  decodeWhole(text, call, provider) {
    const names = namesFor(call, dialect, rule)
    if (!names) return dialect.decodeWhole(text, call, provider)
    return { chunks: dialect.decodeWhole(text, names.call, provider).chunks.map(names.restore) }
  },
  decoder(limits, call, provider) {
    const names = namesFor(call, dialect, rule)
    if (!names) return dialect.decoder(limits, call, provider)
    const inner = dialect.decoder(limits, names.call, provider)
    const ofBatch = (batch: Batch): Batch =>
      batch.plain === undefined ? { chunks: batch.chunks.map(names.restore) } : batch
    const restored = (decoded: Decoded): Decoded => ({
      ...decoded,
      batches: decoded.batches.map(ofBatch),
    })
    return {
      push: (bytes) => restored(inner.push(bytes)),
      close: () => restored(inner.close()),
    }
  },
})
