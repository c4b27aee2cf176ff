import { LRUCache } from 'lru-cache'
import { caller, type Call, type Chunk, type Message, type Request } from '../chat.ts'
import { fold } from '../fold.ts'
import type { Batch } from '../stream.ts'

type Details = readonly unknown[]

/** Characters of all reasoning that is kept, and milliseconds for which it is. */
const maxSize = 16 * 1024 * 1024
const age = 60 * 60_000

const ownerOf = ({ vars }: Call): string => vars.get(caller)?.name ?? ''

/**
 * The signed reasoning that led to tool calls, by the caller and the calls' ids. Providers refuse the next turn of such
 * a conversation without it, and many clients drop it.
 */
export const createRecall = () => {
  const known = new LRUCache<string, Details>({ maxSize, ttl: age })

  const remember = (owner: string, answer: Chunk): void => {
    for (const { delta } of answer.choices ?? []) {
      const details = Array.isArray(delta?.reasoning_details) ? delta.reasoning_details : []
      const size = JSON.stringify(details).length
      for (const { id } of delta?.tool_calls ?? []) {
        if (!id) continue
        // some models begin to number their calls anew: an id may come again without reasoning
        if (details.length === 0) known.delete(`${owner}\n${id}`)
        else known.set(`${owner}\n${id}`, details, { size })
      }
    }
  }

  const completed = (owner: string, message: Message): Message => {
    if (message.role !== 'assistant' || message.reasoning_details !== undefined) return message
    for (const { id } of message.tool_calls ?? []) {
      const reasoning_details = id === undefined ? undefined : known.get(`${owner}\n${id}`)
      if (reasoning_details) return { ...message, reasoning_details }
    }
    return message
  }

  return {
    /** The request with the reasoning that its assistant messages lost on the client's side. */
    complete(call: Call): Request {
      const { request } = call
      if (known.size === 0 || !request.messages) return request
      const owner = ownerOf(call)
      const messages = request.messages.map((message) => completed(owner, message))
      return messages.some((message, at) => message !== request.messages?.[at])
        ? { ...request, messages }
        : request
    },
    /** Watches one answer go by. */
    listen(call: Call) {
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
          if (heard) remember(ownerOf(call), heard)
        },
      }
    },
  }
}

export type Recall = ReturnType<typeof createRecall>
