const ascii = new TextDecoder('latin1')

const named = (text: string): string | undefined =>
  /charset\s*=\s*["']?\s*([\w:.-]{1,40})/i.exec(text)?.[1]

const decoderFor = (label: string | undefined): TextDecoder => {
  try {
    // a UTF-16 that is said in the document itself is read as what the letters before it were
    const asked = label && /^utf-?16/i.test(label) ? undefined : label
    return new TextDecoder(asked as Bun.Encoding | undefined)
  } catch {
    return new TextDecoder()
  }
}

/** The text of a page: in the charset of its mark, its header, its first kilobyte, or UTF-8. */
export const decodePage = (bytes: Uint8Array, contentType: string): string => {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  const told = named(contentType)
  if (told && /^utf-?16/i.test(told)) return new TextDecoder('utf-16le').decode(bytes)
  return decoderFor(told ?? named(ascii.decode(bytes.subarray(0, 1024)))).decode(bytes)
}
