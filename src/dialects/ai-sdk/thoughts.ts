import { objectOf, type Fields } from '../../fields.ts'
import type { Message } from '../../chat.ts'
import { formatOf, optionsFor, stringOf, type Family } from './family.ts'

/** What an assistant's message brings back of its own thinking. */
export interface Thoughts {
  /** Reasoning parts, which stand before the text. */
  readonly parts: readonly Fields[]
  /** Options of the text, of a tool call by its id, and of the whole message. */
  readonly text?: Fields
  readonly calls: Readonly<Record<string, Fields>>
  readonly message?: Fields
}

const none: Thoughts = { parts: [], calls: {} }

const detailsOf = ({ reasoning_details }: Message): readonly Fields[] =>
  Array.isArray(reasoning_details) ? reasoning_details.map(objectOf) : []

const thought = (text: string, options?: Fields): Fields => ({
  type: 'reasoning',
  text,
  ...(options && { providerOptions: options }),
})

/** A thought without its signature is not Claude's any more. */
const claudes = (details: readonly Fields[], family: Family): Thoughts => ({
  ...none,
  parts: details.flatMap(({ type, text, signature, data }) => {
    if (type === 'reasoning.encrypted') {
      const redactedData = stringOf(data)
      return redactedData === undefined ? [] : [thought('', optionsFor(family, { redactedData }))]
    }
    const signed = stringOf(signature)
    return type === 'reasoning.text' && signed
      ? [thought(stringOf(text) ?? '', optionsFor(family, { signature: signed }))]
      : []
  }),
})

const geminis = (details: readonly Fields[], family: Family): Thoughts => {
  const signed = (signature: unknown) => optionsFor(family, { thoughtSignature: signature })
  const sealed = details.filter(({ type }) => type === 'reasoning.encrypted')
  const ofText = sealed.find(({ id }) => stringOf(id) === undefined)
  return {
    parts: details
      .filter(({ type, signature }) => type === 'reasoning.text' && stringOf(signature))
      .map(({ text, signature }) => thought(stringOf(text) ?? '', signed(signature))),
    ...(ofText && { text: signed(ofText.data) }),
    calls: Object.fromEntries(
      sealed.flatMap(({ id, data }) => (typeof id === 'string' ? [[id, signed(data)]] : [])),
    ),
  }
}

/** Only what came with its encrypted form can go back to a server that kept nothing. */
const openais = (details: readonly Fields[], family: Family): Thoughts => {
  const summaries = details
    .filter(({ type }) => type === 'reasoning.summary')
    .map(({ summary }) => stringOf(summary) ?? '')
  const sealed = details.filter(({ type }) => type === 'reasoning.encrypted')
  return {
    ...none,
    parts: sealed.map(({ id, data }, at) =>
      thought(
        at === 0 ? summaries.join('\n\n') : '',
        optionsFor(family, {
          ...(typeof id === 'string' && { itemId: id }),
          reasoningEncryptedContent: data,
        }),
      ),
    ),
  }
}

const plain = (message: Message, details: readonly Fields[]): string => {
  const { reasoning, reasoning_content } = message
  return (
    stringOf(reasoning) ??
    stringOf(reasoning_content) ??
    details.map(({ text, summary }) => stringOf(text) ?? stringOf(summary) ?? '').join('')
  )
}

/** Thoughts go back only to the family that thought them, signed as they were. */
export const toThoughts = (message: Message, family: Family): Thoughts => {
  const all = detailsOf(message)
  if (family.kind === 'openrouter') {
    const text = plain(message, all)
    return {
      ...none,
      parts: text === '' ? [] : [thought(text)],
      ...(all.length > 0 && { message: { openrouter: { reasoning_details: all } } }),
    }
  }
  const format = formatOf(family)
  const usual = family.kind === 'anthropic' ? format : 'unknown'
  const details = all.filter((detail) => (detail.format ?? usual) === format)
  if (family.kind === 'anthropic') return claudes(details, family)
  if (family.kind === 'google') return geminis(details, family)
  if (family.kind === 'openai') return openais(details, family)
  // the readable text of another family's thoughts is none of this one's
  if (details.length < all.length) return none
  const text = plain(message, details)
  return text === '' ? none : { ...none, parts: [thought(text)] }
}
