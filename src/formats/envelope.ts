/**
 * How an envelope begins. Twelve letters of base64, so that the whole is base64 too: clients decode what should be a
 * signature, and give it back in the other alphabet or without its padding.
 */
export const sealMark = 'SluiceSealV1'

/** Reasoning of another vendor as one opaque text, for a client whose format has only its own vendor's words for it. */
export const seal = (details: readonly unknown[]): string =>
  sealMark + Buffer.from(JSON.stringify(details)).toString('base64')

/** Whether a text is an envelope of ours, be it whole or not. */
export const isSealed = (text: unknown): text is string =>
  typeof text === 'string' && text.startsWith(sealMark)

/** What was sealed; undefined for anything else, also for what was sealed and then damaged. */
export const open = (text: unknown): readonly unknown[] | undefined => {
  if (!isSealed(text)) return undefined
  try {
    const details: unknown = JSON.parse(
      Buffer.from(text.slice(sealMark.length), 'base64').toString('utf8'),
    )
    return Array.isArray(details) ? details : undefined
  } catch {
    return undefined
  }
}
