import { LRUCache } from 'lru-cache'
import { createHmac } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { appendFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isObject, type Chunk, type Place, type Fields } from 'sluice/plugin'

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

const keyOf = (detail: Fields): string => `${String(detail.type)}/${String(detail.index)}`

/** How many thoughts are known; the file drops older ones once it has twice as many. */
const most = 20_000

/** Kept is a line for each thought: a hash of its signature, and marks of the values. */
const linesIn = (file: string): string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []

/** Marks that long tell the values of one thought apart, and fit too many others to tell what a value was. */
const markLength = 4

/** @param broken hears that what a restart should find cannot be written */
export const createThoughts = (directory: string, secret: string, broken: () => void): Thoughts => {
  const file = join(directory, 'thoughts')
  const known = new LRUCache<string, readonly string[]>({ max: most })
  const lines = linesIn(file)
  for (const line of lines) {
    const [signature = '', ...marks] = line.split(' ')
    known.set(signature, marks)
  }
  let written = lines.length
  let writing: Promise<void> = Promise.resolve()

  const lineOf = ([signature, marks]: readonly [string, readonly string[]]): string =>
    `${[signature, ...marks].join(' ')}\n`

  const write = async (signature: string, marks: readonly string[]): Promise<void> => {
    if (++written <= 2 * most) return appendFile(file, lineOf([signature, marks]), { mode: 0o600 })
    written = known.size
    const text = [...known.entries()].toReversed().map(lineOf).join('')
    await writeFile(`${file}.new`, text, { mode: 0o600 })
    await rename(`${file}.new`, file)
  }

  const hash = (text: string): string => createHmac('sha256', secret).update(text).digest('hex')
  const markOf = (value: string): string => hash(value).slice(0, markLength)

  const remember = (signature: string, marks: readonly string[]): void => {
    const key = hash(signature).slice(0, 32)
    known.set(key, marks)
    writing = writing.then(() => write(key, marks)).catch(broken)
  }

  return {
    isOurs: (signatures, value) =>
      signatures.some((signature) =>
        known.get(hash(signature).slice(0, 32))?.includes(markOf(value)),
      ),
    listen() {
      const thoughts = new Map<string, Thought>()
      const thoughtOf = (key: string): Thought => {
        const thought = thoughts.get(key) ?? { values: new Set<string>(), signature: '' }
        thoughts.set(key, thought)
        return thought
      }
      return {
        restored({ detail }, value) {
          if (detail) thoughtOf(keyOf(detail)).values.add(markOf(value))
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
            if (values.size > 0 && signature !== '') remember(signature, [...values])
        },
      }
    },
  }
}
