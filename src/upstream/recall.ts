import { LRUCache } from 'lru-cache'
import type { Chunk, Message, Request } from '../chat.ts'
import { fold } from '../fold.ts'
import type { Batch } from '../stream.ts'

type Details = readonly unknown[]

/** Characters of all reasoning that is kept, and milliseconds for which it is. */
const size = 16 * 1024 * 1024
const age = 60 * 60_000

/**
 * The signed reasoning that led to tool calls, by the calls' ids. Providers refuse the next turn of such a conversation
 * without it, and many clients drop it; ids are random, so that only who was given one can bring its reasoning back.
 */
export const createRecall = () => {
  const known = new LRUCache<string, Details>({ maxSize: size, ttl: age })

  const remember = (answer: Chunk): void => {
    for (const { delta } of answer.choices ?? []) {
      const details = delta?.reasoning_details
      if (!Array.isArray(details) || details.length === 0) continue
      const weight = JSON.stringify(details).length
      for (const { id } of delta?.tool_calls ?? []) if (id) known.set(id, details, { size: weight })
    }
  }

  const completed = (message: Message): Message => {
    if (message.role !== 'assistant' || message.reasoning_details !== undefined) return message
    for (const { id } of message.tool_calls ?? []) {
      const reasoning_details = id === undefined ? undefined : known.get(id)
      if (reasoning_details) return { ...message, reasoning_details }
    }
    return message
  }

  return {
    /** The request with the reasoning that its assistant messages lost on the client's side. */
    complete(request: Request): Request {
      if (known.size === 0 || !request.messages) return request
      const messages = request.messages.map(completed)
      return messages.some((message, at) => message !== request.messages?.[at])
        ? { ...request, messages }
        : request
    },
    /** Watches one answer go by. */
    listen() {
      let heard: Chunk | undefined
      return {
        take({ plain, chunks }: Batch): void {
          if (plain !== undefined) return
          for (const { choices } of chunks) {
            const telling = choices?.filter(
              ({ delta }) => delta?.reasoning_details || delta?.tool_calls,
            )
            if (!telling?.length) continue
            const piece: Chunk = {
              choices: telling.map(({ index, delta }) => ({
                index,
                delta: {
                  reasoning_details: delta?.reasoning_details ?? [],
                  tool_calls: (delta?.tool_calls ?? []).map(({ id, index }) => ({
                    ...(id !== undefined && { id }),
                    ...(index !== undefined && { index }),
                  })),
                },
              })),
            }
            heard = heard ? fold(heard, piece) : piece
          }
        },
        end(): void {
          if (heard) remember(heard)
        },
      }
    },
  }
}

export type Recall = ReturnType<typeof createRecall>
