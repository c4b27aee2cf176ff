const head =
  /^\{"type": ?"content_block_delta", ?"index": ?\d+, ?"delta": ?\{"type": ?"text_delta", ?"text": ?"/
const plain = /^[^"\\\p{Cc}]*$/u

/** What a JSON string holds, given its inside; undefined when that is not the inside of one. */
const inside = (text: string): string | undefined => {
  if (plain.test(text)) return text
  try {
    const value: unknown = JSON.parse(`"${text}"`)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

const isBlank = (code: number): boolean => code === 32 || code === 9

/** Where the text ends: before a quote, two braces and the blanks that hide an event's length. */
const endOfText = (data: string): number => {
  let at = data.length - 1
  for (let braces = 0; braces < 2; at--) {
    const code = data.charCodeAt(at)
    if (code === 125) braces++
    else if (!isBlank(code)) return -1
  }
  while (isBlank(data.charCodeAt(at))) at--
  return data.charCodeAt(at) === 34 ? at : -1
}

/** Knows events that are like one before but for the text they add, without parsing them. */
export const createTextDeltas = () => {
  let before: string | undefined
  return {
    /** Takes a parsed event as the pattern if it does nothing but add text to a block. */
    learn(data: string): void {
      before = head.exec(data)?.[0]
    },
    /** The text that an event adds, if it is nothing but more of the same. */
    match(data: string): string | undefined {
      if (before === undefined || !data.startsWith(before)) return undefined
      const end = endOfText(data)
      return end < before.length ? undefined : inside(data.slice(before.length, end))
    },
  }
}
