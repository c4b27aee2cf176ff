import type { Entry } from './entry.ts'

const text = new TextDecoder()

export const encode = async (entry: Entry): Promise<Uint8Array> =>
  await Bun.zstdCompress(JSON.stringify(entry))

/** Undefined for what is none. */
export const decode = (bytes: Uint8Array): Entry | undefined => {
  try {
    return JSON.parse(text.decode(Bun.zstdDecompressSync(bytes))) as Entry
  } catch {
    return undefined
  }
}
