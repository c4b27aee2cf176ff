import { estimateTokenCount } from 'tokenx'

/** Characters that are counted; a longer text is taken to go on as it began, so that no count blocks the others. */
const sample = 100_000

/** Tokens of a text, about; for when a provider does not count. */
export const estimateTokens = (text: string): number =>
  text.length <= sample
    ? estimateTokenCount(text)
    : Math.round((estimateTokenCount(text.slice(0, sample)) * text.length) / sample)
