import { pause } from 'sluice/plugin'
import type { Entry, Piece } from './entry.ts'

const text = new TextDecoder()

/** Milliseconds of work before the event loop gets a turn. */
const atATime = 4

/** A line of JSON for what is known of the entry, and one for each of its pieces, compressed. */
export const encode = async ({ pieces, ...head }: Entry): Promise<Uint8Array> => {
  const lines = [JSON.stringify(head)]
  let began = performance.now()
  for (let at = 0; at < pieces.length; at++) {
    lines.push(JSON.stringify(pieces.at(at)))
    if (performance.now() - began < atATime) continue
    await pause()
    began = performance.now()
  }
  return await Bun.zstdCompress(lines.join('\n'))
}

/** Undefined for bytes that are not an entry. */
export const decode = (bytes: Uint8Array): Entry | undefined => {
  try {
    const [head = '', ...lines] = text.decode(Bun.zstdDecompressSync(bytes)).split('\n')
    return {
      ...(JSON.parse(head) as Omit<Entry, 'pieces'>),
      pieces: {
        length: lines.length,
        at(index) {
          const line = lines[index]
          return line === undefined ? undefined : (JSON.parse(line) as Piece)
        },
      },
    }
  } catch {
    return undefined
  }
}
