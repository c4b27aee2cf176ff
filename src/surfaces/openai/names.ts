import type { Chunk } from '../../chat.ts'
import type { Wire } from '../surface.ts'

/** What all pieces of one answer have in common. */
export interface Names {
  readonly id: string
  readonly object: string
  /** Seconds since 1970. */
  readonly created: number
  readonly model: string
}

/** The names of one stream, which stay what its first pieces say: clients may tell answers apart by them. */
export const createNames = (wire: Wire) => {
  const began = Math.floor(Date.now() / 1_000)
  let seen: Partial<Names> = {}
  let names: Names | undefined
  let legacy = false

  const see = ({ id, created, model, object, choices }: Chunk): void => {
    legacy ||= object === 'text_completion' || choices?.[0]?.text !== undefined
    seen = {
      id: seen.id || id || '',
      created: seen.created || created || 0,
      model: seen.model || model || '',
    }
  }

  return {
    /** Takes note of a chunk that is written as it came. */
    follow(chunk: Chunk): void {
      if (!names && !(seen.id && seen.created && seen.model)) see(chunk)
    },
    /** The names, for a chunk that is written anew. */
    of(chunk: Chunk): Names {
      if (names) return names
      see(chunk)
      names = {
        id: seen.id || wire.id,
        object: legacy ? 'text_completion' : 'chat.completion.chunk',
        created: seen.created || began,
        model: seen.model || (wire.model ?? ''),
      }
      return names
    },
    get legacy(): boolean {
      return legacy
    },
  }
}
