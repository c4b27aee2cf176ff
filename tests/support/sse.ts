/** A stream of the daemon's, taken apart. */
export interface Sse {
  /** What stood after `data: `, in order, `[DONE]` included. */
  readonly payloads: readonly string[]
  /** The payloads that are JSON, parsed. */
  readonly events: readonly any[]
  /** What stood after `: `. */
  readonly comments: readonly string[]
  readonly raw: string
}

/**
 * Reads a stream to its end and holds it to what the daemon promises: UTF-8, LF, one `data: ` line an
 * event, a blank line after each, comments apart, `[DONE]` last and once.
 */
export const sse = async (response: Response): Promise<Sse> => {
  const type = response.headers.get('content-type') ?? ''
  if (!type.startsWith('text/event-stream')) throw new Error(`not a stream but ${type}`)
  return parseSse(new TextDecoder('utf-8', { fatal: true }).decode(await response.arrayBuffer()))
}

export const parseSse = (raw: string): Sse => {
  const payloads: string[] = []
  const comments: string[] = []
  if (raw.includes('\r')) throw new Error('the stream has a CR')
  if (!raw.endsWith('\n\n')) throw new Error(`the stream ends within an event: ${raw.slice(-200)}`)
  for (const block of raw.slice(0, -2).split('\n\n')) {
    if (block.startsWith('data: ') && !block.includes('\n')) payloads.push(block.slice(6))
    else if (block.startsWith(': ') && !block.includes('\n')) comments.push(block.slice(2))
    else throw new Error(`not an event: ${JSON.stringify(block.slice(0, 200))}`)
  }
  if (payloads.indexOf('[DONE]') !== payloads.length - 1) {
    throw new Error(`[DONE] must be last and once: ${payloads.slice(-3).join(' | ')}`)
  }
  return {
    payloads,
    comments,
    raw,
    events: payloads.slice(0, -1).map((payload) => JSON.parse(payload)),
  }
}
