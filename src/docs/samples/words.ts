/** Seconds since 1970, and the same moment as an ISO date. */
export const created = 1795245971
export const createdAt = new Date(created * 1_000).toISOString()

/** What the examples say, in the pieces that a stream says it in. */
export const pieces = ['Hello!', ' What shall we do?'] as const
export const hello = pieces.join('')

/** Numbers that could be a text’s. */
export const vector = [-0.831, 0.177, 0.528]

interface Named {
  readonly type: string
  readonly [field: string]: unknown
}

/** Events as they are on the wire, each named by its type. */
export const named = (events: readonly Named[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
