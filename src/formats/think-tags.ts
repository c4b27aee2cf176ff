/** A piece of an answer, parted. */
export interface Parted {
  readonly content: string
  readonly reasoning: string
}

const open = '<think>'
const close = '</think>'

/** How much of the end could be the beginning of the tag. */
const heldBack = (text: string, tag: string): number => {
  for (let size = Math.min(tag.length - 1, text.length); size > 0; size--)
    if (text.endsWith(tag.slice(0, size))) return size
  return 0
}

/**
 * Parts `<think>…</think>` at the beginning of an answer from what follows, over pieces cut anywhere. A tag that stands
 * later is content, and so is white space before an answer that does not think; around a thought it goes away.
 * @param inside whether the prompt ends with the opening tag, so that the answer begins with a thought
 */
export const createThinkSplitter = (inside = false) => {
  let place: 'before' | 'inside' | 'after' = inside ? 'inside' : 'before'
  let mayOpen = inside
  let held = ''
  let thought = false
  let begun = false

  const push = (text: string): Parted => {
    if (place === 'after') return { content: text, reasoning: '' }
    held += text
    let reasoning = ''
    for (;;) {
      if (place === 'inside') {
        if (!begun) held = held.trimStart()
        if (mayOpen) {
          // some say the tag all the same
          if (held !== open && open.startsWith(held)) return { content: '', reasoning }
          if (held.startsWith(open)) held = held.slice(open.length).trimStart()
          mayOpen = false
        }
        const end = held.indexOf(close)
        const size = end === -1 ? held.length - heldBack(held, close) : end
        reasoning += held.slice(0, size)
        begun ||= size > 0
        held = held.slice(end === -1 ? size : end + close.length)
        if (end === -1) return { content: '', reasoning }
        place = 'before'
        thought = true
      }
      const trimmed = held.trimStart()
      if (trimmed.startsWith(open)) {
        held = trimmed.slice(open.length)
        place = 'inside'
        begun = false
        continue
      }
      if (open.startsWith(trimmed)) return { content: '', reasoning }
      const content = thought ? trimmed : held
      place = 'after'
      held = ''
      return { content, reasoning }
    }
  }

  /** What was held back: the answer ended before it was clear what it was. */
  const end = (): Parted => {
    const rest = held
    held = ''
    if (place === 'inside') return { content: '', reasoning: rest }
    return { content: thought ? rest.trimStart() : rest, reasoning: '' }
  }

  return {
    push,
    end,
    /** A thought was begun and has not ended. */
    get open(): boolean {
      return place === 'inside'
    },
    /** Everything that follows is content. */
    get settled(): boolean {
      return place === 'after'
    },
  }
}
