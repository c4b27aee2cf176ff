import { objectOf, type Fields } from '../../fields.ts'
import { formatOf, stringOf, type Family } from './family.ts'

/** What proves thoughts to be the model's own, out of any package's metadata. */
export interface Signs {
  readonly signature?: string
  /** Thoughts that only the model can read. */
  readonly sealed?: string
  /** The name of sealed thoughts. */
  readonly id?: string
}

/** Google signs parts, Anthropic thoughts; OpenAI seals items that have ids. */
export const signsIn = (metadata: unknown): Signs => {
  for (const value of Object.values(objectOf(metadata))) {
    const own = objectOf(value)
    const signature = stringOf(own.signature) ?? stringOf(own.thoughtSignature)
    const sealed = stringOf(own.redactedData) ?? stringOf(own.reasoningEncryptedContent)
    const id = stringOf(own.itemId)
    if (signature !== undefined || sealed !== undefined)
      return {
        ...(signature !== undefined && { signature }),
        ...(sealed !== undefined && { sealed }),
        ...(id !== undefined && { id }),
      }
  }
  return {}
}

/** The details that a router gives as they are. */
export const routedDetails = (metadata: unknown): readonly Fields[] => {
  const { reasoning_details } = objectOf(objectOf(metadata).openrouter)
  return Array.isArray(reasoning_details) ? reasoning_details.map(objectOf) : []
}

/** A piece of a reasoning detail. */
export const toDetail = (
  family: Family,
  index: number,
  text: string,
  { signature }: Signs = {},
): Fields => {
  const format = formatOf(family)
  return family.kind === 'openai'
    ? { type: 'reasoning.summary', summary: text, index, format }
    : { type: 'reasoning.text', text, ...(signature && { signature }), index, format }
}

export const toSealed = (family: Family, index: number, data: string, id?: string): Fields => ({
  type: 'reasoning.encrypted',
  data,
  ...(id !== undefined && { id }),
  index,
  format: formatOf(family),
})
