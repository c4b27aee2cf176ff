import { createHmac } from 'node:crypto'
import type { Chunk, Place, Store } from 'sluice/plugin'

/**
 * Which values were put back into signed thoughts. When such a thought is sent again, these are masked in it though what
 * they came from may have left the conversation; whatever else stands there is the provider's own.
 */
export interface Thoughts {
  isOurs(signatures: readonly string[], value: string): boolean
  /** Follows an answer. */
  listen(): Listener
}

export interface Listener {
  restored(place: Place, value: string): void
  /** As the provider sent it. */
  take(chunk: Chunk): void
  end(): void
}

interface Thought {
  readonly values: Set<string>
  signature: string
}

const keyOf = (detail: Readonly<Record<string, unknown>>): string =>
  `${String(detail.type)}/${String(detail.index)}`

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** @param secret nothing that is kept can be read without it */
export const createThoughts = (store: Store, secret: string): Thoughts => {
  const hash = (text: string): string =>
    createHmac('sha256', secret).update(text).digest('base64url')

  return {
    isOurs: (signatures, value) =>
      signatures.some((signature) => {
        const kept = store.get(hash(signature))
        return kept instanceof Set && kept.has(hash(value))
      }),
    listen() {
      const thoughts = new Map<string, Thought>()
      const thoughtOf = (key: string): Thought => {
        const known = thoughts.get(key) ?? { values: new Set<string>(), signature: '' }
        thoughts.set(key, known)
        return known
      }
      return {
        restored({ detail }, value) {
          if (detail) thoughtOf(keyOf(detail)).values.add(hash(value))
        },
        take({ choices = [] }) {
          for (const { delta } of choices) {
            const details = delta?.reasoning_details
            if (!Array.isArray(details)) continue
            for (const detail of details)
              if (isObject(detail) && typeof detail.signature === 'string')
                thoughtOf(keyOf(detail)).signature += detail.signature
          }
        },
        end() {
          for (const { values, signature } of thoughts.values())
            if (values.size > 0 && signature !== '') store.set(hash(signature), values)
        },
      }
    },
  }
}
