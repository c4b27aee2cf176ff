const prefix = 'sluice1.'

/** Reasoning of another vendor as one opaque text, for a client whose format has only its own vendor's words for it. */
export const seal = (details: readonly unknown[]): string =>
  prefix + Buffer.from(JSON.stringify(details)).toString('base64url')

/** Whether a text is an envelope of ours, be it whole or not. */
export const isSealed = (text: unknown): text is string =>
  typeof text === 'string' && text.startsWith(prefix)

/** What was sealed; undefined for anything else, also for what was sealed and then damaged. */
export const open = (text: unknown): readonly unknown[] | undefined => {
  if (!isSealed(text)) return undefined
  try {
    const details: unknown = JSON.parse(
      Buffer.from(text.slice(prefix.length), 'base64url').toString('utf8'),
    )
    return Array.isArray(details) ? details : undefined
  } catch {
    return undefined
  }
}
