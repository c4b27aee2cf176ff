import { LRUCache } from 'lru-cache'
import {
  caller,
  type Call,
  type Chunk,
  type Message,
  type Request,
  type ToolCall,
} from '../chat.ts'
import { isObject } from '../fields.ts'
import { fold } from '../fold.ts'
import type { Batch } from '../stream.ts'

type Details = readonly unknown[]

/** What led to a call, and the id by which its signature names that call. */
interface Recalled {
  readonly details: Details
  readonly id: string
}

/** Characters of all reasoning that is kept, and milliseconds for which it is. */
const maxSize = 16 * 1024 * 1024
const age = 60 * 60_000

const ownerOf = ({ vars }: Call): string => vars.get(caller)?.name ?? ''

/** Ids that we number ourselves, for clients whose calls have none. */
const numbered = /^call_\d{1,4}$/

const said = (text: string | undefined): string => {
  try {
    return JSON.stringify(JSON.parse(text ?? ''))
  } catch {
    return text ?? ''
  }
}

/** What a call says, by which it is known where it has no id of its own. */
const wordsOf = ({ function: called }: ToolCall): string =>
  `${called?.name ?? ''}\n${said(called?.arguments)}`

const renamed = (detail: unknown, from: string, to: string): unknown =>
  isObject(detail) && detail.id === from ? { ...detail, id: to } : detail

/**
 * The signed reasoning that led to tool calls, by the caller and the calls' ids, or what they say where they have none.
 * Providers refuse the next turn of such a conversation without it, and many clients drop it.
 */
export const createRecall = () => {
  const known = new LRUCache<string, Recalled>({ maxSize, ttl: age })

  const remember = (owner: string, answer: Chunk): void => {
    for (const { delta } of answer.choices ?? []) {
      const details = Array.isArray(delta?.reasoning_details) ? delta.reasoning_details : []
      const size = JSON.stringify(details).length
      for (const call of delta?.tool_calls ?? []) {
        const { id } = call
        if (!id) continue
        for (const name of [id, wordsOf(call)])
          // some models begin to number their calls anew: an id may come again without reasoning
          if (details.length === 0) known.delete(`${owner}\n${name}`)
          else known.set(`${owner}\n${name}`, { details, id }, { size })
      }
    }
  }

  const completed = (owner: string, message: Message): Message => {
    if (message.role !== 'assistant' || message.reasoning_details !== undefined) return message
    for (const call of message.tool_calls ?? []) {
      const { id } = call
      if (id === undefined) continue
      const name = numbered.test(id) && !known.has(`${owner}\n${id}`) ? wordsOf(call) : id
      const recalled = known.get(`${owner}\n${name}`)
      if (!recalled) continue
      const reasoning_details = recalled.details.map((detail) => renamed(detail, recalled.id, id))
      return { ...message, reasoning_details }
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
        take(batch: Batch): void {
          // taking `chunks` out of a proved batch would parse it
          if (batch.plain !== undefined) return
          for (const { choices } of batch.chunks) {
            const telling = choices?.filter(
              ({ delta }) => delta?.reasoning_details || delta?.tool_calls,
            )
            if (!telling?.length) continue
            const piece: Chunk = {
              choices: telling.map(({ index, delta }) => ({
                index,
                delta: {
                  reasoning_details: delta?.reasoning_details ?? [],
                  tool_calls: (delta?.tool_calls ?? []).map(({ id, index, function: called }) => ({
                    ...(id !== undefined && { id }),
                    ...(index !== undefined && { index }),
                    ...(called && { function: called }),
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
